// The token of HTTP: asked for everywhere but where it would be in the way.

import { describe, expect, test } from "bun:test";
import { connectAsync } from "mqtt";
import { openHttpTokens } from "../../src/access/http-tokens.ts";
import { toRoutable } from "../../src/http/routable-request.ts";
import { identify } from "../../src/http/token-check.ts";
import { createLogger } from "../../src/lib/log.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { expectProblem } from "../kit/problems.ts";

const TOKEN = "a.b-c~d+e/f=";

const startWithToken = () => startBridge({ flags: ["--http-token", TOKEN] });

function ask(bridge: Bridge, path: string, headers: Record<string, string> = {}, method = "GET") {
  return fetch(`${bridge.url}${path}`, { method, headers, redirect: "manual" });
}

/** What a browser has after it opened the page with the token. */
async function openPage(bridge: Bridge) {
  const answer = await ask(bridge, `/?token=${encodeURIComponent(TOKEN)}`);
  const cookie = answer.headers.get("Set-Cookie") ?? "";
  return { answer, cookie, headers: { Cookie: `other=1; ${cookie.split(";")[0]}` } };
}

describe("without the token", () => {
  test.each(["/", "/handlers", "/topics/a", "/nothing", "/health/x", "/%68ealth"])(
    "%s is refused",
    async (path) => {
      await using bridge = await startWithToken();
      const answer = await ask(bridge, path);
      expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
      const { hint } = await expectProblem(answer, 401, "token_missing");
      expect(hint).toContain("Authorization: Bearer");
    },
  );

  test("nothing is published, and no body is read", async () => {
    await using bridge = await startWithToken();
    const body = JSON.stringify({ topic: "a", payload: "x" });
    const post = await fetch(`${bridge.url}/publish`, { method: "POST", body });
    await expectProblem(post, 401, "token_missing");
    const put = { method: "PUT", body: "x".repeat(20 << 20) };
    await expectProblem(await fetch(`${bridge.url}/topics/a`, put), 401, "token_missing");
    const own = { Authorization: `Bearer ${TOKEN}` };
    await expectProblem(await ask(bridge, "/topics/a", own), 404, "value_unknown");
  });

  test.each(["/health", "/ready"])("%s answers: it is for whoever supervises", async (path) => {
    await using bridge = await startWithToken();
    expect((await ask(bridge, path)).status).toBe(200);
  });

  test("MQTT over WebSocket has its own login; /mqtt without an upgrade is a route", async () => {
    await using bridge = await startWithToken();
    const url = `${bridge.url.replace("http", "ws")}/mqtt`;
    const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
    await client.endAsync();
    await expectProblem(await ask(bridge, "/mqtt"), 401, "token_missing");
  });

  test("a bridge that has none asks nobody", async () => {
    await using bridge = await startBridge();
    expect((await ask(bridge, "/")).status).toBe(200);
    expect((await ask(bridge, "/?token=x")).status).toBe(200);
  });
});

describe("with a token", () => {
  test.each([`Bearer ${TOKEN}`, `bearer   ${TOKEN}`])("%s is let in", async (Authorization) => {
    await using bridge = await startWithToken();
    expect((await ask(bridge, "/handlers", { Authorization })).status).toBe(200);
    expect((await ask(bridge, "/topics/a", { Authorization }, "PUT")).status).toBe(202);
  });

  test.each([TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase(), "", "é"])(
    "a wrong one is told so: '%s'",
    async (token) => {
      await using bridge = await startWithToken();
      const answer = await ask(bridge, "/handlers", { Authorization: `Bearer ${token} ` });
      const isEmpty = token === "";
      expect(answer.headers.get("WWW-Authenticate")).toStartWith("Bearer");
      await expectProblem(answer, 401, isEmpty ? "token_missing" : "token_wrong");
    },
  );

  test("by another scheme is none", async () => {
    await using bridge = await startWithToken();
    const digest = { Authorization: `Digest ${TOKEN}` };
    await expectProblem(await ask(bridge, "/", digest), 401, "token_missing");
  });

  test("as a password it is let in, whoever the user is: scripts for EMQX do so", async () => {
    await using bridge = await startWithToken();
    for (const user of ["me", ""]) {
      const Authorization = `Basic ${btoa(`${user}:${TOKEN}`)}`;
      expect((await ask(bridge, "/handlers", { Authorization })).status).toBe(200);
    }
    for (const text of [btoa(`${TOKEN}:`), btoa("me:x"), "%%%"]) {
      const answer = await ask(bridge, "/handlers", { Authorization: `Basic ${text}` });
      await expectProblem(answer, 401, "token_wrong");
    }
  });

  test("a page of another site is refused all the same", async () => {
    await using bridge = await startWithToken();
    const headers = { Authorization: `Bearer ${TOKEN}`, Origin: "http://evil.example" };
    await expectProblem(await ask(bridge, "/topics/a", headers, "PUT"), 403, "origin_refused");
  });
});

describe("a browser", () => {
  test("gets a cookie for the token, and is sent on without it", async () => {
    await using bridge = await startWithToken();
    const { answer, cookie, headers } = await openPage(bridge);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
    expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
    for (const part of ["HttpOnly", "SameSite=Strict", "Path=/"]) expect(cookie).toContain(part);
    expect(decodeURIComponent(cookie)).not.toContain(TOKEN);
    expect((await ask(bridge, "/", headers)).status).toBe(200);
    expect((await ask(bridge, "/topics/a", headers, "PUT")).status).toBe(202);
  });

  test("with a wrong token gets none", async () => {
    await using bridge = await startWithToken();
    const answer = await ask(bridge, "/?token=guess");
    expect(answer.headers.get("Set-Cookie")).toBeNull();
    await expectProblem(answer, 401, "token_wrong");
  });

  test("with a link of yesterday comes to the page, which asks", async () => {
    await using bridge = await startWithToken();
    const answer = await ask(bridge, "/?token=yesterday", { Accept: "text/html" });
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
    expect(answer.headers.get("Set-Cookie")).toBeNull();
    await expectProblem(await ask(bridge, "/topics"), 401, "token_missing");
  });

  test("with the cookie of another token is refused", async () => {
    await using bridge = await startWithToken();
    const { headers } = await openPage(bridge);
    const Cookie = headers.Cookie.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    await expectProblem(await ask(bridge, "/", { Cookie }), 401, "token_wrong");
  });

  test("logs in at the page alone: elsewhere a token in the URL is no token", async () => {
    await using bridge = await startWithToken();
    const query = `?token=${encodeURIComponent(TOKEN)}`;
    await expectProblem(await ask(bridge, `/handlers${query}`), 401, "token_missing");
    await expectProblem(await ask(bridge, `/${query}`, {}, "POST"), 401, "token_missing");
  });

  test("over HTTPS gets a cookie that stays there, below where the routes are", async () => {
    const { writer } = createLogLines();
    const log = createLogger({ name: "", level: "info", format: "text", colour: false, writer });
    const token = { name: "one", secret: "t" };
    await using tokens = await openHttpTokens({ file: undefined, token, log });
    const routable = toRoutable(new Request("https://pi.local/?token=t"));
    const identified = await identify(routable, "10.0.0.1", tokens, "/bridge");
    if (identified.kind !== "answer") throw new Error("it was let through");
    const { headers } = identified.answer;
    for (const part of ["Secure", "Path=/bridge"])
      expect(headers.get("Set-Cookie")).toContain(part);
    expect(headers.get("Location")).toBe("/bridge/");
  });
});
