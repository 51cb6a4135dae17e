// Hazards by sheer number: filters, connections and messages. The other hazards are listed in
// hazards.test.ts.

import { describe, expect, test } from "bun:test";
import type { IPublishPacket } from "mqtt-packet";
import { startBrokerProcess } from "../kit/broker-process.ts";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { publish, receivedUntilNow } from "../kit/messages.ts";
import { field, integer16, packetBytes } from "../kit/packet-bytes.ts";
import { connectPacket, connectRaw, type RawClient } from "../kit/raw-client.ts";

const MIB = 1 << 20;

async function subscribeAll(client: RawClient, filters: readonly string[]): Promise<unknown[]> {
  const subscriptions = filters.map((topic) => ({ topic, qos: 1 as const }));
  client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
  return (await client.next("suback")).granted;
}

/** All filters of that many levels in which each level is its own letter, or `+`. */
function toOverlapping(levels: number): string[] {
  return Array.from({ length: 2 ** levels }, (_, bits) => {
    const names = Array.from({ length: levels }, (_, at) => ((bits >> at) & 1 ? "+" : "x"));
    return names.join("/");
  });
}

test("2,048 filters with + that overlap give each message once", async () => {
  await using broker = await startEmbedded();
  await using witness = await connectWitness(broker);
  await using client = await broker.connect("client", { version: 4 });
  const filters = toOverlapping(11);
  expect(new Set(await subscribeAll(client, filters))).toEqual(new Set([1]));
  const topic = filters[0] ?? "";
  for (let count = 0; count < 20; count++) await publish(client, topic);
  expect(await receivedUntilNow(client)).toHaveLength(20);
  client.sendPacket({ cmd: "unsubscribe", messageId: 2, unsubscriptions: filters.slice(1) });
  await client.next("unsuback");
  await publish(client, topic); // Of all of them the plain one is left.
  expect(await receivedUntilNow(client)).toHaveLength(21);
  await witness.check();
});

test("a client has as many wildcard filters as it may, in one SUBSCRIBE, and no more", async () => {
  const subscriptionsPerClientMax = 10_000;
  await using broker = await startEmbedded({ subscriptionsPerClientMax });
  await using witness = await connectWitness(broker);
  await using client = await broker.connect("client");
  const filters = Array.from({ length: subscriptionsPerClientMax + 100 }, (_, at) => `+/${at}/#`);
  const codes = await subscribeAll(client, filters);
  expect(codes.filter((code) => code === 1)).toHaveLength(subscriptionsPerClientMax);
  expect(codes.slice(subscriptionsPerClientMax)).toEqual(Array(100).fill(0x97));
  await publish(client, "a/9999/b");
  await publish(client, "a/10000/b");
  const topics = (await receivedUntilNow(client)).map(({ topic }) => topic);
  expect(topics).toEqual(["a/9999/b"]);
  await witness.check();
  // With its client they all go.
  await client[Symbol.asyncDispose]();
  await broker.waitForLog(/client 'client' left/);
  await using next = await broker.connect("client");
  await publish(next, "a/9999/b");
  expect(await receivedUntilNow(next)).toEqual([]);
});

test("more messages wait than there are identifiers, and none is used twice at once", async () => {
  const count = 70_000;
  const session = { clean: false, properties: { sessionExpiryInterval: 600 } };
  await using broker = await startEmbedded({
    queueMessagesMax: count,
    inflightMessagesMax: 65_535,
    onPublish: () => {},
  });
  const first = await broker.connect("away", session);
  await subscribeAll(first, ["a"]);
  await first[Symbol.asyncDispose]();
  await broker.waitForLog(/client 'away' left/);
  await using publisher = await broker.connect("publisher", { version: 4 });
  const messages = Array.from({ length: count }, (_, at) => {
    return packetBytes(0x32, field("a"), integer16(1 + (at % 65_535)), String(at));
  });
  publisher.send(Buffer.concat(messages));
  for (let left = count; left > 0; left--) await publisher.next("puback");

  await using away = await broker.connect("away", session);
  const inFlight = new Set<number>();
  const take = ({ payload, messageId = 0 }: IPublishPacket, at: number) => {
    expect(String(payload)).toBe(String(at));
    if (inFlight.has(messageId)) throw new Error(`identifier ${messageId} is in use`);
    inFlight.add(messageId);
  };
  for (let at = 0; at < 65_535; at++) take(await away.next("publish"), at);
  expect(await receivedUntilNow(away)).toHaveLength(65_535);
  // Each one that is free again stands for one more.
  for (let at = 65_535; at < count; at++) {
    const messageId = 1 + (at - 65_535);
    away.sendPacket({ cmd: "puback", messageId });
    inFlight.delete(messageId);
    take(await away.next("publish"), at);
  }
}, 60_000);

describe("connections that are only there", () => {
  test("cost little memory, are answered, and leave nothing behind", async () => {
    const count = 900; // The table of files of either process often has room for 1,024.
    await using broker = await startBrokerProcess();
    const before = await broker.measure();
    const clients = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const client = await connectRaw(broker.port);
        client.sendPacket(connectPacket(5, `idle-${at}`));
        await client.next("connack");
        return client;
      }),
    );
    const after = await broker.measure();
    expect(after.connections).toBe(count);
    expect(after.rssBytes - before.rssBytes).toBeLessThan(64 * MIB);
    await Promise.all(clients.map((client) => receivedUntilNow(client)));
    for (const client of clients) client.destroy();
    let left = await broker.measure();
    while (left.connections > 0) left = await broker.measure();
  });
});
