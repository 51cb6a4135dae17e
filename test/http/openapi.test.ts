// /openapi.json: valid by OpenAPI's own schema, and complete. Whoever adds a route is told here
// what its documentation lacks.

import { beforeAll, describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { toRouteParts } from "../../src/app/route-parts.ts";
import { toSettings } from "../../src/config/read.ts";
import { listDescribed } from "../../src/http/openapi-document.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { createLogger } from "../../src/lib/log.ts";
import type { Operation } from "../../src/web/docs/curl-line.ts";
import { startBridge } from "../kit/bridge.ts";

type OpenApi = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, SecuredOperation>>>>;
};
type SecuredOperation = Operation & { readonly security: readonly object[] };

/** Of the contract, and built. */
const ROUTES = [
  "GET /",
  "POST /publish",
  "PUT /topics/{topic}",
  "POST /topics/{topic}",
  "GET /topics/{topic}",
  "GET /handlers",
  "GET /dead-letters",
  "POST /dead-letters/{id}/redrive",
  "GET /broker",
  "GET /clients",
  "GET /clients/{id}",
  "DELETE /clients/{id}",
  "GET /health",
  "GET /ready",
  "GET /openapi.json",
  "GET /asyncapi.json",
  "GET /asyncapi.yaml",
  "GET /docs",
];

let document: OpenApi;
let operations: { readonly name: string; readonly operation: SecuredOperation }[];

async function fetchDocument(flags: readonly string[] = []): Promise<OpenApi> {
  await using bridge = await startBridge({ flags });
  const token = flags.at(flags.indexOf("--http-token") + 1);
  const headers = flags.length === 0 ? {} : { Authorization: `Bearer ${token}` };
  const response = await fetch(`${bridge.url}/openapi.json`, { headers });
  expect(response.headers.get("Content-Type")).toStartWith("application/json");
  return response.json() as Promise<OpenApi>;
}

beforeAll(async () => {
  document = await fetchDocument();
  operations = Object.entries(document.paths).flatMap(([path, methods]) => {
    return Object.entries(methods).map(([method, operation]) => {
      return { name: `${method.toUpperCase()} ${path}`, operation };
    });
  });
});

test("is valid OpenAPI 3.1", async () => {
  expect(document.openapi).toBe("3.1.0");
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect({ valid, errors: errors ?? [] }).toEqual({ valid: true, errors: [] });
});

test("has every route", async () => {
  const names = operations.map(({ name }) => name);
  expect(ROUTES.filter((route) => !names.includes(route))).toEqual([]);
});

describe("every route", () => {
  test("has a summary, a description, a tag of the document and an operationId", () => {
    const lacking = operations.filter(({ operation }) => {
      const { summary, description, operationId, tags = [] } = operation;
      return !summary || !description || !operationId || tags.length !== 1;
    });
    expect(lacking.map(({ name }) => name)).toEqual([]);
  });

  test("has an operationId of its own", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  test("says what it answers when all is well, with a schema where there is a body", () => {
    const lacking = operations.filter(({ operation }) => {
      const good = Object.entries(operation.responses ?? {}).filter(([status]) => status < "300");
      return !good.some(([status, { content }]) => status === "204" || content !== undefined);
    });
    expect(lacking.map(({ name }) => name)).toEqual([]);
  });

  test("gives an example of what must be given", () => {
    const lacking = operations.flatMap(({ name, operation }) => {
      const needed = (operation.parameters ?? []).filter(({ required }) => required);
      const media = Object.values(operation.requestBody?.content ?? {});
      return [...needed, ...media].every(({ example }) => example !== undefined) ? [] : [name];
    });
    expect(lacking).toEqual([]);
  });

  test("that is served is in it", async () => {
    await using bridge = await startBridge();
    const log = createLogger({
      name: "test",
      level: "error",
      format: "text",
      colour: false,
      writer: { write() {}, async flush() {} },
    });
    const settings = toSettings({ data: ":memory:" });
    const { routes } = createRoutes(toRouteParts(bridge.app, settings, log));
    expect(listDescribed(routes)).toHaveLength(operations.length);
  });
});

test("errors have their codes, and the token's are everywhere but at the open routes", () => {
  const { responses } = document.paths["/topics/{topic}"]?.get ?? {};
  expect(JSON.stringify(responses?.["404"])).toContain('"enum":["value_unknown"]');
  const open = operations.filter(({ operation }) => !operation.responses?.["401"]);
  expect(open.map(({ name }) => name)).toEqual(["GET /health", "GET /ready"]);
  for (const { operation } of open) expect(operation.security).toEqual([]);
});

test("says whether a token is needed", async () => {
  const publish = document.paths["/publish"]?.post;
  expect(publish?.security).toContainEqual({});
  const guarded = await fetchDocument(["--http-token", "abc"]);
  expect(guarded.paths["/publish"]?.post?.security).toEqual([{ bearer: [] }, { cookie: [] }]);
});

test("says of each call which scope it needs, also of one whose answer is fetched later", () => {
  const words = operations.find(({ name }) => name === "GET /rpc/results/{id}")?.operation;
  expect(words?.description).toContain("Scope: `publish`.");
});
