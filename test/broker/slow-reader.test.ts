// One client does not read what it subscribed to, while another publishes as fast as it can.

import { describe, expect, test } from "bun:test";
import { Duplex } from "node:stream";
import { startBrokerProcess } from "../kit/broker-process.ts";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { nextMessages, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectBytes, field, integer16, packetBytes, propertyList } from "../kit/packet-bytes.ts";
import type { RawClient } from "../kit/raw-client.ts";

const KIB = 1 << 10;
const MIB = 1 << 20;
/** In all, more than the kernel keeps for two sockets, so that the broker has to notice. */
const COUNT = 20_000;
const PAYLOAD_BYTES = 1_000;
const BATCH_BYTES = 500 * KIB;

/** Publishes COUNT messages to `a`; waits after each batch until `healthy` has got it. */
async function publishAll(
  publisher: RawClient,
  healthy: RawClient,
  qos: 0 | 1,
  payloadBytes = PAYLOAD_BYTES,
) {
  const payload = Buffer.alloc(payloadBytes, "x");
  const identifier = qos === 1 ? [integer16(1)] : [];
  const head = 0x30 | (qos << 1);
  const message = packetBytes(head, field("a"), ...identifier, propertyList(), payload);
  const batchCount = Math.floor(BATCH_BYTES / payloadBytes);
  for (let left = COUNT; left > 0; left -= batchCount) {
    const count = Math.min(left, batchCount);
    publisher.send(Buffer.concat(Array.from({ length: count }, () => message)));
    await nextMessages(healthy, count);
  }
}

describe.each([0, 1] as const)("with QoS %p", (qos) => {
  test("a slow reader that leaves costs nobody anything", async () => {
    await using broker = await startEmbedded({
      onPublish: () => {},
      outputBytesMax: 256 * MIB,
      // The readers here acknowledge nothing.
      inflightMessagesMax: 65_535,
      queueMessagesMax: 65_535,
    });
    await using witness = await connectWitness(broker);
    await using healthy = await broker.connect("healthy");
    await using slow = await broker.connect("slow");
    await using publisher = await broker.connect("publisher");
    for (const client of [healthy, slow]) await subscribe(client, "a", qos);
    slow.pause();
    await publishAll(publisher, healthy, qos);
    slow.destroy();
    await broker.waitForLog(/'slow' left/);
    await receivedUntilNow(publisher);
    await witness.check();
  });
});

test("QoS 0 messages for a slow reader are left out, and counted in the log", async () => {
  await using broker = await startEmbedded({ room: () => undefined, onPublish: () => {} });
  await using healthy = await broker.connect("healthy");
  await using slow = await broker.connect("slow");
  await using publisher = await broker.connect("publisher");
  for (const client of [healthy, slow]) await subscribe(client, "a", 0);
  slow.pause();
  await publishAll(publisher, healthy, 0);
  slow.resume();
  const received = await receivedUntilNow(slow); // It was not disconnected.
  slow.destroy();
  const line = await broker.waitForLog(/read too slowly: \d+ QoS 0 messages were left out/);
  const leftOut = Number(/(\d+) QoS 0/.exec(line)?.[1]);
  expect(leftOut).toBeGreaterThan(0);
  expect(received.length + leftOut).toBe(COUNT);
});

test("who asks on and on, and reads no answer, is disconnected; the log says so", async () => {
  const limits = { outputBytesMax: 64 * KIB, packetBytesMax: 16 * KIB };
  await using broker = await startEmbedded({ onPublish: () => {}, ...limits });
  await using witness = await connectWitness(broker);
  // A peer that takes nothing at all; a socket takes megabytes before it does so.
  const stream = new Duplex({ read() {}, write() {} });
  const closed = Promise.withResolvers<void>();
  stream.on("close", closed.resolve);
  stream.on("error", () => {}); // What is waited for.
  broker.broker.accept(stream, { address: "nowhere", host: "nowhere", door: "tcp" });
  stream.push(connectBytes({}));
  await broker.waitForLog(/connected from nowhere/);
  stream.push(Buffer.alloc(128 * KIB, Buffer.of(0xc0, 0)));
  await broker.waitForLog(/nowhere does not read: disconnected with 65536 bytes unread/);
  await closed.promise;
  await broker.waitForConnections(1);
  await witness.check();
});

describe("a reader that takes its time is not disconnected", () => {
  const PERSISTENT = { clean: false, properties: { sessionExpiryInterval: 60 } };
  const payload = Buffer.alloc(500 * KIB, "x");
  const count = 40;

  test("over many retained messages at once", async () => {
    await using broker = await startEmbedded({ outputBytesMax: 256 * KIB });
    await using witness = await connectWitness(broker);
    await using publisher = await broker.connect("publisher");
    for (let at = 0; at < count; at++)
      await publish(publisher, `a/${at}`, { payload, retain: true });
    await using slow = await broker.connect("slow");
    const subscriptions = [{ topic: "a/#", qos: 0 as const }];
    slow.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
    slow.pause();
    for (let turn = 0; turn < 50; turn++) await witness.check();
    slow.resume();
    await nextMessages(slow, count);
  });

  test("over all that waited for it while it was away", async () => {
    await using broker = await startEmbedded({ outputBytesMax: 256 * KIB });
    await using witness = await connectWitness(broker);
    await using publisher = await broker.connect("publisher");
    const first = await broker.connect("slow", PERSISTENT);
    await subscribe(first, "a/#");
    first.destroy();
    await broker.waitForLog(/'slow' left/);
    for (let at = 0; at < count; at++) await publish(publisher, `a/${at}`, { payload });
    await using slow = await broker.connect("slow", PERSISTENT);
    slow.pause();
    for (let turn = 0; turn < 50; turn++) await witness.check();
    await publish(publisher, "a/live", { payload: "does not wait for it" });
    slow.resume();
    const received = await nextMessages(slow, count + 1);
    expect(received.map(({ topic }) => topic)).toContain(`a/${count - 1}`);
  });

  test("over one message that is larger than what may wait", async () => {
    const outputBytesMax = 64 * KIB;
    await using broker = await startEmbedded({ outputBytesMax, packetBytesMax: 16 * MIB });
    await using client = await broker.connect("client");
    await subscribe(client, "a");
    await publish(client, "a", { payload: Buffer.alloc(15 * MIB) });
    expect((await client.next("publish")).payload).toHaveLength(15 * MIB);
  });
});

test("a slow reader takes little of the broker's memory", async () => {
  await using broker = await startBrokerProcess();
  await using healthy = await broker.connect("healthy");
  await using slow = await broker.connect("slow");
  await using publisher = await broker.connect("publisher");
  for (const client of [healthy, slow]) await subscribe(client, "a", 0);
  slow.pause();
  const before = await broker.measure();
  await publishAll(publisher, healthy, 0, 5_000);
  const after = await broker.measure();
  expect(after.rssBytes - before.rssBytes).toBeLessThan(50 * MIB); // Of 100 MB.
});
