// A connection that stands idle ends: after an answer as well as after a stream.

import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { openServer } from "../../src/http/server.ts";
import { startBridge } from "../kit/bridge.ts";
import { openGuard } from "../kit/guards.ts";

/** Bun looks every four seconds, so that one second becomes four. */
const TEST_TIMEOUT_MS = 20_000;

test(
  "a connection that is kept alive ends when nothing more is asked on it",
  async () => {
    await using server = openServer({
      host: "127.0.0.1",
      port: 0,
      guard: openGuard(),
      routes: { handle: async () => new Response("done") },
      idleTimeoutSeconds: 1,
      webSocket: undefined,
    });
    using client = ask(server.port, "/publish");
    expect(await client.closed).toContain("done");
  },
  TEST_TIMEOUT_MS,
);

test("an export ends its connection", async () => {
  await using bridge = await startBridge();
  using client = ask(bridge.app.httpPort, "/history?filter=%23&format=csv");
  expect(await client.closed).toContain("payload_encoding");
});

function ask(port: number, path: string) {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes.toString();
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  return {
    /** All that came until the other side ended it. */
    closed: once(socket, "close").then(() => text),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
