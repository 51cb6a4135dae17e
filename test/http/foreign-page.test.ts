// Pages of other sites, in the browser of someone on this machine, neither publish nor connect.

import { expect, test } from "bun:test";
import { isFromForeignPage } from "../../src/lib/foreign-page.ts";
import { startBridge } from "../kit/bridge.ts";
import { expectProblem } from "../kit/problems.ts";

function ask(origin: string | undefined, host: string): Request {
  const headers = new Headers({ host });
  if (origin !== undefined) headers.set("origin", origin);
  return new Request("http://localhost/", { headers });
}

test.each([
  [undefined, "localhost:8080", false],
  ["http://localhost:8080", "localhost:8080", false],
  ["http://127.0.0.1:5173", "localhost:8080", false],
  ["http://[::1]:8080", "localhost:8080", false],
  ["http://evil.example", "localhost:8080", true],
  // A name of the page's own that points to 127.0.0.1: both headers say the same.
  ["http://evil.example", "evil.example", true],
  ["null", "localhost:8080", true],
])("on loopback, origin %s for host %s: foreign is %p", (origin, host, isForeign) => {
  expect(isFromForeignPage(ask(origin, host), true)).toBe(isForeign);
});

test("beyond loopback the pages of the same host are ours", () => {
  expect(isFromForeignPage(ask("http://pi.local:8080", "pi.local:8080"), false)).toBeFalse();
  expect(isFromForeignPage(ask("http://evil.example", "pi.local:8080"), false)).toBeTrue();
});

test("a foreign page gets through none of the doors, this machine's through all", async () => {
  await using bridge = await startBridge();
  const wsPort = bridge.app.listening?.wsPort;
  const doors = [`${bridge.url}/mqtt`, `http://127.0.0.1:${wsPort}/mqtt`];
  for (const door of doors) {
    for (const [origin, isLetIn] of [
      ["http://evil.example", false],
      [bridge.url, true],
    ] as const) {
      const options = { headers: { origin }, protocols: ["mqtt"] } as unknown as string[];
      const socket = new WebSocket(door.replace("http", "ws"), options);
      const opened = await new Promise((resolve) => {
        socket.addEventListener("open", () => resolve(true));
        socket.addEventListener("error", () => resolve(false));
      });
      expect(opened).toBe(isLetIn);
      socket.close();
    }
  }
  const headers = { origin: "http://evil.example" };
  const refused = await fetch(`${bridge.url}/topics/a`, { method: "PUT", body: "x", headers });
  await expectProblem(refused, 403, "origin_refused");
  expect((await fetch(`${bridge.url}/health`, { headers })).status).toBe(200);
});

test("a host of two letters is served as any other", async () => {
  await using bridge = await startBridge({ flags: ["--http-hosts", "pi"] });
  const health = await fetch(`${bridge.url}/health`, { headers: { Host: "pi" } });
  expect(health.status).toBe(200);
});
