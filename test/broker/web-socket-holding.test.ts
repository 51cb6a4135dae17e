// What a WebSocket client sends and nobody reads yet, because its login takes time or it is too
// fast: it stays with the client, as over TCP, and does not fill the memory.

import { afterEach, expect, test } from "bun:test";
import type { Duplex } from "node:stream";
import { listenWebSocket } from "../../src/broker/listen-websocket.ts";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { payloadsOf } from "../kit/messages.ts";
import { connectPacket } from "../kit/raw-client.ts";
import { connectWebSocket, type WebSocketClient } from "../kit/web-socket-client.ts";

const MIB = 1 << 20;
const FRAME_BYTES = MIB / 2;
const FRAME_COUNT = 128;
/** A frame or two, beside what came in the same read of the socket. */
const WAITING_BYTES_MAX = 4 * MIB;

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

/** The door with nobody behind it who reads. */
async function openDoor(): Promise<{ client: WebSocketClient; stream: Duplex }> {
  const accepted = Promise.withResolvers<Duplex>();
  const listener = await listenWebSocket("127.0.0.1", 0, accepted.resolve, MIB);
  opened.push(listener);
  const client = await connectWebSocket(`ws://127.0.0.1:${listener.port}/mqtt`);
  opened.push(client);
  const stream = await accepted.promise;
  stream.on("error", () => {});
  stream.once("readable", () => {}); // Asks for the first bytes, and takes none.
  return { client, stream };
}

function sendFrames(client: WebSocketClient): void {
  for (let at = 0; at < FRAME_COUNT; at++) client.send(Buffer.alloc(FRAME_BYTES, at));
}

/** Resolves when nothing more comes in while another broker is asked and answers many times. */
async function waitUntilStill(stream: Duplex): Promise<void> {
  await using broker = await startEmbedded();
  await using witness = await connectWitness(broker);
  for (let before = 0; before === 0 || before !== stream.readableLength; ) {
    before = stream.readableLength;
    for (let turn = 0; turn < 100; turn++) await witness.check();
  }
}

test("frames that nobody reads wait with the client, and all come when they are read", async () => {
  const { client, stream } = await openDoor();
  sendFrames(client);
  await waitUntilStill(stream);
  expect(stream.readableLength).toBeLessThan(WAITING_BYTES_MAX);
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (const at of [0, chunk.length - 1]) {
      expect(chunk[at]).toBe(Math.floor((bytes + at) / FRAME_BYTES));
    }
    bytes += chunk.length;
    if (bytes === FRAME_COUNT * FRAME_BYTES) break;
  }
  expect(bytes).toBe(FRAME_COUNT * FRAME_BYTES);
});

test("a client that is held back can be closed", async () => {
  const { client, stream } = await openDoor();
  sendFrames(client);
  await waitUntilStill(stream);
  stream.destroy();
  await client.closed;
});

test("a client that is too fast is slowed down, in order, and nothing is lost", async () => {
  await using broker = await startEmbedded({ clientMessagesPerSecondMax: 20 });
  await using client = await connectWebSocket(`ws://127.0.0.1:${broker.wsPort}/mqtt`);
  client.sendPacket(connectPacket(5, "web"));
  await client.next("connack");
  const payloads = Array.from({ length: 30 }, (_, at) => `${at}`.padEnd(100_000, "."));
  for (const payload of payloads) {
    const head = { cmd: "publish", topic: "a", qos: 0, dup: false, retain: false } as const;
    client.sendPacket({ ...head, payload });
  }
  client.sendPacket({ cmd: "pingreq" });
  await client.next("pingresp");
  expect(payloadsOf(broker.published)).toEqual(payloads);
});
