// What this bridge says of itself: /openapi.json, /asyncapi.json and .yaml for machines, and /docs,
// one page for people. The page asks for the two documents, and for nothing from elsewhere.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import docsPage from "../web/docs/docs.html";
import { callerOf } from "./caller.ts";
import { buildOpenApi, type DescribedRoute, type OpenApiOptions } from "./openapi-document.ts";
import {
  answerFile,
  answerPage,
  type ImportedPage,
  loadPage,
  type PageFiles,
} from "./page-files.ts";

export type DocumentParts = OpenApiOptions & {
  /** The AsyncAPI document of what is loaded now, for who reaches this machine by that name. */
  readonly buildAsyncApi: (host: string) => object;
};

const FILES_FOLDER = "docs/";

const DOCUMENT = Type.Unsafe<Record<string, unknown>>(
  Type.Object({}, { additionalProperties: true, description: "the document" }),
);
const OPENAPI = {
  detail: {
    operationId: "getOpenApi",
    summary: "These routes, for machines",
    description: "OpenAPI 3.1, made of the schemas by which requests are checked.",
    tags: ["operations"],
  },
  response: { 200: DOCUMENT },
};
const ASYNCAPI = {
  detail: {
    operationId: "getAsyncApi",
    summary: "The topics of the handlers, for machines",
    description: "AsyncAPI 3.0: what the handlers that are loaded now receive and send.",
    tags: ["operations"],
  },
  response: { 200: DOCUMENT },
};
const ASYNCAPI_YAML = {
  detail: { ...ASYNCAPI.detail, operationId: "getAsyncApiYaml", summary: "The same as YAML" },
  response: {
    200: Type.String({ description: "the document", contentMediaType: "application/yaml" }),
  },
};
const DOCS = {
  detail: {
    operationId: "showDocs",
    summary: "Both documents, for people",
    description: "A page to read and to try it, which needs no network.",
    tags: ["operations"],
  },
  response: { 200: Type.String({ description: "the page", contentMediaType: "text/html" }) },
};

/** GET /openapi.json, /asyncapi.json, /asyncapi.yaml and /docs. */
export function documentsRoute(
  { buildAsyncApi, ...options }: DocumentParts,
  getRoutes: () => readonly DescribedRoute[],
) {
  let page: Promise<PageFiles> | undefined;
  const getPage = () => {
    page ??= loadPage(docsPage as ImportedPage, FILES_FOLDER);
    return page;
  };
  const describe = (request: Request) => buildAsyncApi(new URL(request.url).hostname);
  return new Elysia()
    .onBeforeHandle(({ request }) => callerOf(request).check("read"))
    .get("/openapi.json", () => toPlainObject(buildOpenApi(getRoutes(), options)), OPENAPI)
    .get("/asyncapi.json", ({ request }) => toPlainObject(describe(request)), ASYNCAPI)
    .get("/asyncapi.yaml", ({ request }) => toYamlAnswer(describe(request)), ASYNCAPI_YAML)
    .get("/docs", async () => answerPage(await getPage()), DOCS)
    .get(
      "/docs/*",
      async ({ request }) => {
        const answer = answerFile(await getPage(), request);
        if (answer) return answer;
        const path = new URL(request.url).pathname;
        throw new ViadutoError("route_unknown", { method: "GET", path });
      },
      { detail: { hide: true } },
    );
}

/** A document as YAML. Bun has it in itself; no package is needed for that. */
export function toYaml(document: object): string {
  return `${Bun.YAML.stringify(document, null, 2)}\n`;
}

function toPlainObject(document: object): Record<string, unknown> {
  return document as Record<string, unknown>;
}

function toYamlAnswer(document: object): Response {
  const headers = { "Content-Type": "application/yaml", "Cache-Control": "no-cache" };
  return new Response(toYaml(document), { headers });
}
