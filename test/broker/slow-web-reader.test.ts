// A WebSocket client that does not read what it subscribed to, while another publishes on and on.

import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { generate, type Packet } from "mqtt-packet";
import { startBrokerProcess } from "../kit/broker-process.ts";
import { nextMessages, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { field, packetBytes, propertyList } from "../kit/packet-bytes.ts";
import { connectPacket } from "../kit/raw-client.ts";

const MIB = 1 << 20;
const PAYLOAD_BYTES = 5_000;
const BATCH_COUNT = 100;
const COUNT = 20_000;

const UPGRADE = [
  "GET /mqtt HTTP/1.1",
  "Host: 127.0.0.1",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Protocol: mqtt",
  "\r\n",
].join("\r\n");

/** A packet in a frame of a client, whose mask of zeros changes nothing (RFC 6455 section 5.3). */
function toFrame(packet: Packet): Buffer {
  const bytes = generate(packet, { protocolVersion: 5 });
  return Buffer.concat([Buffer.of(0x82, 0x80 | bytes.length, 0, 0, 0, 0), bytes]);
}

/** Connects, subscribes to `a`, and reads nothing from there on. */
async function connectSlow(wsPort: number): Promise<Socket> {
  const socket = connectSocket(wsPort, "127.0.0.1");
  socket.on("error", () => {}); // That it is thrown out in the end is fine.
  await once(socket, "connect");
  socket.write(UPGRADE);
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(String(answer)).toStartWith("HTTP/1.1 101");
  const subscriptions = [{ topic: "a", qos: 0 as const }];
  for (const packet of [
    connectPacket(5, "slow", { keepalive: 0 }),
    { cmd: "subscribe", messageId: 1, subscriptions } as const,
  ]) {
    socket.write(toFrame(packet));
    await once(socket, "data");
  }
  socket.pause();
  return socket;
}

test("it holds nobody up, and takes little of the broker's memory", async () => {
  await using broker = await startBrokerProcess();
  await using healthy = await broker.connect("healthy");
  await using publisher = await broker.connect("publisher");
  await subscribe(healthy, "a", 0);
  const slow = await connectSlow(broker.wsPort);
  const before = await broker.measure();
  const message = packetBytes(0x30, field("a"), propertyList(), Buffer.alloc(PAYLOAD_BYTES));
  const batch = Buffer.concat(Array.from({ length: BATCH_COUNT }, () => message));
  for (let left = COUNT; left > 0; left -= BATCH_COUNT) {
    publisher.send(batch);
    await nextMessages(healthy, BATCH_COUNT);
  }
  const after = await broker.measure();
  expect(after.rssBytes - before.rssBytes).toBeLessThan(50 * MIB); // Of 100 MB.
  slow.destroy();
  let left = await broker.measure();
  while (left.connections > 2) left = await broker.measure();
  await receivedUntilNow(publisher);
});
