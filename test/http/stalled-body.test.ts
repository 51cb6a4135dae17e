// A request that stands still: on its way in its connection ends, while its route works it waits.

import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { openServer } from "../../src/http/server.ts";
import { openGuard } from "../kit/guards.ts";

/** Bun looks every four seconds, so that one second becomes four. */
const TEST_TIMEOUT_MS = 20_000;

test(
  "a body that stalls ends its connection, a route that takes longer keeps its own",
  async () => {
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    const handle = () => {
      arrived.resolve();
      return answer.promise;
    };
    await using server = openServer({
      host: "127.0.0.1",
      port: 0,
      guard: openGuard(),
      routes: { handle },
      idleTimeoutSeconds: 1,
      webSocket: undefined,
    });
    const url = `http://127.0.0.1:${server.port}/publish`;
    // Without a body, as a redrive: those are what Bun ends while their route works.
    const waiting = fetch(url, { method: "POST" });
    await arrived.promise;
    // It comes later and ends earlier: the other one has stood still for longer by then.
    using stalled = connectStalled(server.port);
    await stalled.closed;
    answer.resolve(new Response("done"));
    expect(await (await waiting).text()).toBe("done");
  },
  TEST_TIMEOUT_MS,
);

function connectStalled(port: number) {
  const socket = connect(port, "127.0.0.1");
  const head = ["POST /publish HTTP/1.1", "Host: localhost", "Content-Length: 100"];
  socket.write(`${head.join("\r\n")}\r\n\r\n{`);
  socket.resume();
  socket.on("error", () => {}); // A reset is an end as well.
  return { closed: once(socket, "close"), [Symbol.dispose]: () => void socket.destroy() };
}
