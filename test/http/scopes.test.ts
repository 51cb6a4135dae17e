// No route answers without a token, or to one without its scope: all that the app has are tried.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { expectProblem } from "../kit/problems.ts";
import { listRoutes } from "../kit/route-list.ts";
import { openTokenBridge, type TokenBridge } from "../kit/token-bridge.ts";

/** The files of the page hold no data. */
const OPEN_PATHS = ["/health", "/ready"];
const OPEN_FILES = "/explorer/*";
const TOKENS = `
token nothing nothing
token reader reader
read
token publisher publisher
publish
token admin admin
admin
`;

const routes = await listRoutes();
const guarded = routes.filter(({ path }) => !OPEN_PATHS.includes(path) && path !== OPEN_FILES);

let opened: TokenBridge;
beforeAll(async () => {
  opened = await openTokenBridge(TOKENS);
});
afterAll(() => opened[Symbol.asyncDispose]());

test("the list of routes has what is known to be there", () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  const known = ["GET /", "POST /publish", "PUT /topics/*", "GET /clients", "DELETE /clients/*"];
  expect(names).toEqual(expect.arrayContaining(known));
});

describe.each(guarded)("$method $path", ({ method, path }) => {
  const url = path.replaceAll("*", "a/b").replaceAll(/:\w+/g, "1");

  test("without a token is 401, with a wrong one as well", async () => {
    await expectProblem(await opened.ask(url, undefined, { method }), 401, "token_missing");
    await expectProblem(await opened.ask(url, "wrong", { method }), 401, "token_wrong");
  });

  test("with a token that may do nothing is 403", async () => {
    const answer = await opened.ask(url, "nothing", { method });
    expect(answer.headers.get("WWW-Authenticate")).toBe('Bearer error="insufficient_scope"');
    const { detail } = await expectProblem(answer, 403, "scope_missing");
    expect(detail).toMatch(/the token 'nothing' .* lacks the scope '(read|publish|admin)'/);
  });

  test("is for one scope: the other two are refused", async () => {
    const scopes = ["reader", "publisher", "admin"];
    const answers = await Promise.all(scopes.map((token) => opened.ask(url, token, { method })));
    const types = await Promise.all(answers.map(async (answer) => findType(await answer.text())));
    expect(types.filter((type) => type === "scope_missing")).toHaveLength(2);
  });
});

test("what is open answers everyone", async () => {
  for (const path of OPEN_PATHS) expect((await opened.ask(path, undefined)).status).toBe(200);
});

function findType(text: string): string | undefined {
  return /"type":"urn:viaduto:problem:(\w+)"/.exec(text)?.[1];
}
