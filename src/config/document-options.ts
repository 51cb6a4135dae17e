// The options of the documents at /openapi.json, /asyncapi.json and /docs. Part of the schema.

import { text } from "./option-kinds.ts";

export const DOCUMENT_OPTIONS = {
  documentTitle: text({
    group: "HTTP",
    description: "what /docs, /openapi.json and /asyncapi.json call this bridge",
    placeholder: "text",
    default: "viaduto",
  }),
} as const;
