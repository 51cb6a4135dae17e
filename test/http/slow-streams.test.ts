// Who does not read a stream: nothing grows, nobody else is held up, and it is told what it missed.

import { describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { startBridge } from "../kit/bridge.ts";
import { readEvents } from "../kit/event-reader.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

const KIB = 1024;
/** More than the kernel keeps for a socket of this machine, both sides together. */
const MESSAGES = 1_000;
const PAYLOAD = Buffer.alloc(16 * KIB, "x");
const QUEUE_BYTES_MAX = 512 * KIB;
const FLAGS = ["--stream-bytes-max", String(QUEUE_BYTES_MAX)];

/** A client that reads nothing until it is told to. */
async function connectStalled(port: number, head: string) {
  const socket: Socket = connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  const changes = createChanges();
  const heard = { text: "" };
  socket.pause();
  socket.on("data", (bytes) => {
    heard.text = (heard.text + bytes.toString("latin1")).slice(-4 * PAYLOAD.length);
    changes.announce();
  });
  socket.write(head);
  return {
    resume: () => socket.resume(),
    waitFor: (text: string) => {
      const look = () => (heard.text.includes(text) ? true : undefined);
      return changes.wait(look, WAIT_TIMEOUT_MS, () => new Error(`${text} did not come`));
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

const REQUESTS = {
  "server-sent events": "GET /stream?filter=%23 HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "a WebSocket":
    "GET /stream?filter=%23 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n" +
    "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
    "Sec-WebSocket-Version: 13\r\n\r\n",
} as const;

describe.each(Object.entries(REQUESTS))("a reader of %s that stalls", (_, head) => {
  test("keeps a bounded queue, and is told what it missed when it reads again", async () => {
    await using bridge = await startBridge({ flags: FLAGS });
    const { watching, observing, httpPort } = bridge.app;
    await using stalled = await connectStalled(httpPort, head);
    while (watching.watch.size === 0) await new Promise((resolve) => setImmediate(resolve));
    await using brisk = await readEvents(`${bridge.url}/stream?filter=%23`);
    for (let at = 0; at < MESSAGES; at++) {
      observing.observation.note("busy", { payload: PAYLOAD, qos: 0, retain: false });
      // Whoever reads gets all: each in its own turn.
      await brisk.next("message");
    }
    const waiting = watching.watch.waitingBytes;
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThanOrEqual(QUEUE_BYTES_MAX);
    expect(brisk.events.some(({ event }) => event === "missed")).toBe(false);
    stalled.resume();
    await stalled.waitFor('"dropped":0');
    const last = { payload: Buffer.from("the last one"), qos: 0, retain: false } as const;
    observing.observation.note("busy", last);
    await stalled.waitFor("the last one");
  }, 30_000);
});
