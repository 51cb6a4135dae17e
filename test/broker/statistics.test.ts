// What the broker counts: each packet once, with all its bytes, in both directions.

import { expect, test } from "bun:test";
import { generate, type Packet } from "mqtt-packet";
import { countPackets, findPacketEnd } from "../../src/lib/frame-head.ts";
import { type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { packetBytes } from "../kit/packet-bytes.ts";
import { connectPacket, connectRaw, type ProtocolVersion } from "../kit/raw-client.ts";

/** A client that keeps account of what it sends. */
async function connectCounting(broker: EmbeddedBroker, version: ProtocolVersion = 5) {
  const client = await connectRaw(broker.port, { version });
  const sentBytes: number[] = [];
  const send = (packet: Packet) => {
    sentBytes.push(generate(packet, { protocolVersion: version }).length);
    client.sendPacket(packet);
  };
  send(connectPacket(version, `of ${version}`));
  await client.next("connack");
  return { client, send, sentBytes };
}
type Counting = Awaited<ReturnType<typeof connectCounting>>;

/** Sends packets of all kinds, and gets packets of all kinds. */
async function talk({ client, send }: Counting, topic: string): Promise<void> {
  send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 2 }] });
  await client.next("suback");
  const message = { cmd: "publish", topic, messageId: 7, dup: false, retain: false } as const;
  send({ ...message, qos: 0, payload: "" });
  await client.next("publish");
  send({ ...message, qos: 1, payload: Buffer.alloc(200) });
  send({ cmd: "puback", messageId: (await client.next("publish")).messageId ?? 0 });
  await client.next("puback");
  send({ ...message, qos: 2, payload: Buffer.alloc(20_000) });
  const { messageId = 0 } = await client.next("publish");
  send({ cmd: "pubrec", messageId });
  await client.next("pubrel");
  send({ cmd: "pubcomp", messageId });
  await client.next("pubrec");
  send({ cmd: "pubrel", messageId: 7 });
  await client.next("pubcomp");
  send({ cmd: "unsubscribe", messageId: 2, unsubscriptions: [topic] });
  await client.next("unsuback");
  send({ cmd: "pingreq" });
  await client.next("pingresp");
}

/** The bytes of a packet that came, with its header. */
function toBytes({ length = 0 }: Packet): number {
  return 1 + (length < 128 ? 1 : length < 16_384 ? 2 : 3) + length;
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

test("every packet of every kind and version counts, both ways", async () => {
  await using broker = await startEmbedded({ sysIntervalSeconds: 1 });
  const all: Counting[] = [];
  for (const version of [3, 4, 5] as const) {
    const one = await connectCounting(broker, version);
    await talk(one, `of/${version}`);
    all.push(one);
  }
  const reader = await connectCounting(broker);
  const names = ["messages/received", "bytes/received", "messages/sent", "bytes/sent"];
  const subscriptions = names.map((name) => ({ topic: `$SYS/broker/${name}`, qos: 0 as const }));
  reader.send({ cmd: "subscribe", messageId: 1, subscriptions });
  const figures = new Map<string, number>();
  // When the reader is told the second time, all the rest is still: the packets before those two
  // are what they count.
  for (let rounds = 0; rounds < 2; ) {
    const { topic, payload, retain } = await reader.client.next("publish");
    const name = topic.slice("$SYS/broker/".length);
    figures.set(name, Number(payload));
    if (name === "bytes/sent" && !retain) rounds += 1;
  }
  const got = [...all, reader].flatMap(({ client }) => client.packets).slice(0, -2);
  const sentBytes = [...all, reader].flatMap((one) => one.sentBytes);
  expect(Object.fromEntries(figures)).toEqual({
    "messages/received": sentBytes.length,
    "bytes/received": sum(sentBytes),
    "messages/sent": got.length,
    "bytes/sent": sum(got.map(toBytes)),
  });
  for (const { client } of [...all, reader]) await client[Symbol.asyncDispose]();
});

test("packets are counted by their lengths, whatever is in them", () => {
  const lengths = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152];
  const packets = lengths.map((length) => packetBytes(0x30, Buffer.alloc(length, 0x30)));
  expect(packets.map((packet) => findPacketEnd(packet))).toEqual(
    packets.map(({ length }) => length),
  );
  expect(countPackets(Buffer.concat(packets))).toBe(packets.length);
  expect(countPackets(Buffer.alloc(0))).toBe(0);
});

test("what is no packet ends the count", () => {
  expect(countPackets(Buffer.alloc(100, 0xff))).toBeWithin(1, 100);
});
