// What is told of the messages that handlers got, for GET /flows. Part of the schema.

import { limit } from "./option-kinds.ts";

const KIB = 1024;

export const FLOW_OPTIONS = {
  flowsMax: limit(
    "messages whose story is kept in memory, for GET /flows; beyond it the oldest go; 0: none",
    { default: 1_000, minimum: 0, maximum: 10_000 },
  ),
  flowPayloadBytesMax: limit("shown of a payload in a flow; what is longer is cut", {
    unit: "bytes",
    default: KIB,
    minimum: 0,
    maximum: 16 * KIB,
  }),
  flowsPerSecondMax: limit(
    "flows begun in a second; what is more is counted, so that a flood of messages has the " +
      "processor",
    { default: 500, maximum: 100_000 },
  ),
  flowWaitersMax: limit("HTTP requests that wait for flows, with GET /flows?wait=", {
    default: 100,
    maximum: 10_000,
  }),
} as const;
