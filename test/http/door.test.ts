// HTTP's door: names, pages of other sites, limits, and what every answer says.

import { describe, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { openGuard } from "../kit/guards.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { expectProblem } from "../kit/problems.ts";
import { sendRaw } from "../kit/raw-request.ts";

const APP = "https://app.example";

/** The answer of a guard whose routes answer all with 200. */
async function pass(flags: readonly string[], headers: Record<string, string>, method = "GET") {
  const guard = openGuard(flags);
  const request = new Request("http://localhost:8080/topics/a", { method, headers });
  return guard.handle(request, "127.0.0.1", async () => new Response("passed"));
}

describe("the name of the host", () => {
  const LAN = ["--lan"];
  const PUBLIC = ["--host", "0.0.0.0", "--http-token", "t"];
  test.each([
    [[], "localhost:8080", true],
    [[], "LOCALHOST", true],
    [[], "app.localhost:1", true],
    [[], "127.0.0.1:8080", true],
    [[], "10.1.2.3", true],
    [[], "[::1]:8080", true],
    [[], "evil.example", false],
    [[], "127.0.0.1.evil.example", false],
    [[], "localhost.evil.example", false],
    [[], "0x7f.1", false],
    [[], "", false],
    [[], "127.0.0.1/health?", false],
    [[], "evil@127.0.0.1", false],
    [[], "127.0.0.1, evil.example", false],
    [[], "[::1", false],
    [[], "localhost:99999", false],
    [["--http-hosts", "*"], "[::1]:99999", false],
    [["--http-hosts", "pi.local, Bridge.Example"], "bridge.example:8080", true],
    [["--http-hosts", "pi.local"], "pi.local.", true],
    [["--http-hosts", "pi.local"], "bridge.example", false],
    [["--http-hosts", "*"], "evil.example", true],
    [["--http-hosts", "*"], "evil.example/health?", false],
    [LAN, "192.168.1.7:8080", true],
    [LAN, "evil.example", false],
    [PUBLIC, "bridge.example", true],
    [PUBLIC, "bridge.example/health?", false],
    [[...PUBLIC, "--http-hosts", "bridge.example"], "evil.example", false],
  ])("with %j %s is served: %p", async (flags, host, isServed) => {
    for (const method of ["GET", "POST", "HEAD"]) {
      const answer = await pass(flags, { host }, method);
      expect(answer.status).toBe(isServed ? 200 : 421);
      if (!isServed) await expectProblem(answer, 421, "host_refused");
    }
  });

  test("is asked for by the real server, also where a WebSocket begins", async () => {
    await using bridge = await startBridge();
    const upgrade = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Version": "13" };
    const key = { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };
    const open = (Host: string) => {
      return sendRaw(bridge, "GET", "/mqtt", { Host, ...upgrade, ...key });
    };
    expect((await open("evil.example")).status).toBe(421);
    expect((await open("localhost")).status).toBe(101);
    for (const Host of ["evil.example", "a/health?", "127.0.0.1, evil.example"]) {
      expect((await sendRaw(bridge, "GET", "/health", { Host })).status).toBe(421);
    }
    expect((await sendRaw(bridge, "GET", "/health", {}, "HTTP/1.0")).status).toBe(200);
  });
});

describe("pages of other sites", () => {
  test("may use the routes when their origin is named", async () => {
    const answer = await pass(
      ["--cors-origins", `http://b.example,${APP}`],
      { origin: APP },
      "PUT",
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(APP);
    expect(answer.headers.get("Access-Control-Allow-Credentials")).toBeNull();
    expect(answer.headers.get("Access-Control-Expose-Headers")).toBe("*");
    expect(answer.headers.get("Vary")).toBe("Origin");
  });

  test.each([["https://app.example.evil"], ["http://app.example"], ["null"], [`${APP}:8443`]])(
    "may not when it is %s",
    async (origin) => {
      const put = await pass(["--cors-origins", APP], { origin }, "PUT");
      await expectProblem(put, 403, "origin_refused");
      expect(put.headers.get("Access-Control-Allow-Origin")).toBeNull();
      const get = await pass(["--cors-origins", APP], { origin });
      expect(get.headers.get("Access-Control-Allow-Origin")).toBeNull();
      expect(get.headers.get("Vary")).toBe("Origin");
    },
  );

  test("are told so before they send; without --cors-origins nobody is", async () => {
    const ask = { origin: APP, "access-control-request-method": "PUT" };
    const named = await pass(["--cors-origins", APP], ask, "OPTIONS");
    expect([named.status, await named.text()]).toEqual([204, ""]);
    expect(named.headers.get("Access-Control-Allow-Origin")).toBe(APP);
    expect(named.headers.get("Access-Control-Allow-Methods")).toContain("PUT");
    expect(named.headers.get("Access-Control-Allow-Headers")).toBe("*, Authorization");
    const unnamed = await pass([], ask, "OPTIONS");
    await expectProblem(unnamed, 403, "origin_refused");
    expect((await pass([], { origin: APP })).headers.get("Vary")).toBeNull();
  });
});

describe("every answer", () => {
  const ANSWERS: [method: string, path: string, status: number, headers?: object][] = [
    ["GET", "/", 200],
    ["PUT", "/topics/a", 202],
    ["GET", "/topics/a", 200],
    ["GET", "/topics/never", 404],
    ["GET", "/nothing", 404],
    ["POST", "/publish", 400],
    ["DELETE", "/dead-letters/x", 404],
    ["PUT", "/topics/a", 403, { Origin: "http://evil.example" }],
    ["GET", "/", 421, { Host: "evil.example" }],
    ["OPTIONS", "/", 405],
  ];
  test("is safe in a browser, has an id, and says nothing of what we run on", async () => {
    await using bridge = await startBridge();
    for (const [method, path, status, headers = {}] of ANSWERS) {
      const answer = await sendRaw(bridge, method, path, { Host: "localhost", ...headers });
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expectSafe(answer.headers);
    }
    const { headers } = await fetch(`${bridge.url}/topics/a`);
    expect(headers.get("Content-Security-Policy")).toContain("sandbox");
    const tag = { "If-None-Match": headers.get("ETag") ?? "" };
    const same = await fetch(`${bridge.url}/topics/a`, { headers: tag });
    expect(same.status).toBe(304);
    expectSafe(same.headers);
  });

  test("has the id that the request brought, when nothing is wrong with it", async () => {
    const idOf = async (id: string) => {
      return (await pass([], { "x-request-id": id })).headers.get("X-Request-Id");
    };
    expect(await idOf("from.proxy:1~2+3/=@-_")).toBe("from.proxy:1~2+3/=@-_");
    for (const id of ["", "a b", "a".repeat(129), "<x>", '"', "a,b", "é"]) {
      expect(await idOf(id)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

test("the log has each request at debug, without its query; refusals once", async () => {
  const lines = createLogLines();
  const guard = openGuard([], { lines });
  const ask = (path: string, headers: Record<string, string>) =>
    guard.handle(new Request(`http://localhost${path}`, { headers }), "10.0.0.9", async () => {
      return new Response(null, { status: 204 });
    });
  await ask("/topics/a?token=s3cret", { "x-request-id": "one" });
  const line = JSON.parse(await lines.waitForLine(/"request_id":"one"/));
  expect(line).toMatchObject({ level: "debug", method: "GET", status: 204, request_id: "one" });
  expect(line.message).toMatch(/^GET \/topics\/a 204 \d+ ms \[one\]$/);
  for (const id of ["two", "three"]) {
    await ask("/", { host: "evil.example", "x-request-id": id });
  }
  await lines.waitForLine(/"request_id":"three"/);
  const told = lines.lines.filter((text) => text.includes('"level":"warn"'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("refused a request from 10.0.0.9");
  expect(lines.lines.join()).not.toContain("s3cret");
});

describe("limits", () => {
  const json = (bridge: Bridge, body: string) => {
    return fetch(`${bridge.url}/publish`, { method: "POST", body });
  };
  const nest = (depth: number) =>
    `{"topic":"a","payload":${"[".repeat(depth)}${"]".repeat(depth)}}`;

  test("JSON may be as deep as --json-depth-max, and any depth is no danger", async () => {
    await using bridge = await startBridge({ flags: ["--json-depth-max", "10"] });
    expect((await json(bridge, nest(9))).status).toBe(200);
    for (const depth of [10, 100_000]) {
      await expectProblem(await json(bridge, nest(depth)), 400, "json_too_deep");
    }
    const raw = { method: "PUT", body: nest(1_000) };
    expect((await fetch(`${bridge.url}/topics/raw`, raw)).status).toBe(202);
  });

  test("a URL may be as long as --url-bytes-max", async () => {
    await using bridge = await startBridge({ flags: ["--url-bytes-max", "200"] });
    const url = (bytes: number) => `${bridge.url}/topics/`.padEnd(bytes, "a");
    await expectProblem(await fetch(url(200)), 404, "value_unknown");
    await expectProblem(await fetch(url(201)), 414, "url_too_long");
  });

  test("a body must be there in time, however it trickles", async () => {
    await using bridge = await startBridge({ flags: ["--http-body-timeout", "1"] });
    const body = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1));
        return new Promise(() => {}); // No more of it comes.
      },
    });
    const answer = await fetch(`${bridge.url}/topics/a`, { method: "PUT", body });
    await expectProblem(answer, 408, "body_late");
  });
});

function expectSafe(headers: Headers): void {
  expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(headers.get("Referrer-Policy")).toBe("no-referrer");
  expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
  expect(headers.get("X-Frame-Options")).toBe("DENY");
  expect(headers.get("Content-Security-Policy")).toStartWith("default-src 'none'");
  expect(headers.get("Cache-Control")).toMatch(/^no-(store|cache)$/);
  expect(headers.get("X-Request-Id")).toMatch(/^[\w-]+$/);
  expect([headers.get("Server"), headers.get("X-Powered-By")]).toEqual([null, null]);
}
