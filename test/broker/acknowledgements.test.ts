// What an acknowledgement promises: the message is stored and forwarded, once, and in order.

import { describe, expect, test } from "bun:test";
import { startBrokerProcess } from "../kit/broker-process.ts";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { integer16, packetBytes } from "../kit/packet-bytes.ts";
import { connectPacket, connectRaw, type RawClient } from "../kit/raw-client.ts";
import { startSlowStorage } from "../kit/slow-storage.ts";

const MESSAGE = { cmd: "publish", topic: "a", payload: "x", dup: false, retain: false } as const;

async function subscribe(client: RawClient, topic: string, qos: 0 | 1 | 2 = 1) {
  client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
  await client.next("suback");
}

/** All that came before the answer to a PINGREQ, which is sent now. */
async function packetsUntilNow(client: RawClient): Promise<string[]> {
  client.sendPacket({ cmd: "pingreq" });
  await client.next("pingresp");
  return client.packets.map(({ cmd }) => cmd);
}

describe("an acknowledgement comes when the message is stored, not before:", () => {
  test.each([
    ["PUBACK", 1, "puback"],
    ["PUBREC", 2, "pubrec"],
  ] as const)("%s", async (_name, qos, answer) => {
    await using broker = await startSlowStorage();
    await using client = await broker.connect("client");
    client.sendPacket({ ...MESSAGE, qos, retain: true, messageId: 7 });
    expect(await packetsUntilNow(client)).toEqual(["connack", "pingresp"]);
    broker.release();
    expect((await client.next(answer)).messageId).toBe(7);
  });
});

describe.each([4, 5] as const)("MQTT version %p", (version) => {
  test("PUBACK comes after the message was forwarded", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { version });
    await subscribe(client, "a", 0);
    client.sendPacket({ ...MESSAGE, qos: 1, messageId: 7 });
    await client.next("puback");
    const cmds = client.packets.map(({ cmd }) => cmd);
    expect(cmds).toEqual(["connack", "suback", "publish", "puback"]);
  });

  test("whoever subscribes after PUBACK gets the retained message", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { version });
    client.sendPacket({ ...MESSAGE, qos: 1, messageId: 7, retain: true });
    await client.next("puback");
    await using fresh = await broker.connect("fresh", { version });
    await subscribe(fresh, "a");
    expect(await fresh.next("publish")).toMatchObject({ topic: "a", retain: true, qos: 1 });
  });

  test("a QoS 2 message is delivered once, however often it is sent", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { version });
    await subscribe(client, "a", 0);
    const send = async (payload: string, dup: boolean) => {
      client.sendPacket({ ...MESSAGE, payload, qos: 2, messageId: 7, dup });
      await client.next("pubrec");
    };
    await send("one", false);
    await send("one", true);
    await send("one", true);
    client.sendPacket({ cmd: "pubrel", messageId: 7 });
    await client.next("pubcomp");
    await send("two", false); // The identifier is free again.
    await packetsUntilNow(client);
    expect(broker.published.map(({ payload }) => String(payload))).toEqual(["one", "two"]);
  });

  test("a PUBREL that comes three times at once is answered three times", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await broker.connect("client", { version });
    client.sendPacket({ ...MESSAGE, qos: 2, messageId: 7 });
    await client.next("pubrec");
    const pubrel = packetBytes(0x62, integer16(7));
    client.send(Buffer.concat([pubrel, pubrel, pubrel]));
    for (let at = 0; at < 3; at++) expect((await client.next("pubcomp")).messageId).toBe(7);
    await witness.check();
  });

  test("a QoS 2 message reaches a QoS 2 subscriber in four steps", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { version });
    await subscribe(client, "a", 2);
    client.sendPacket({ ...MESSAGE, qos: 2, messageId: 7 });
    const delivery = await client.next("publish");
    expect(delivery.qos).toBe(2);
    const messageId = delivery.messageId ?? 0;
    client.sendPacket({ cmd: "pubrec", messageId });
    expect((await client.next("pubrel")).messageId).toBe(messageId);
    client.sendPacket({ cmd: "pubcomp", messageId });
    await packetsUntilNow(client);
    expect(client.packets.filter(({ cmd }) => cmd === "publish")).toHaveLength(1);
  });

  test("an identifier that was never released is a new message after a clean start", async () => {
    await using broker = await startEmbedded();
    for (const payload of ["one", "two"]) {
      await using client = await broker.connect("client", { version });
      client.sendPacket({ ...MESSAGE, payload, qos: 2, messageId: 7 });
      await client.next("pubrec");
    }
    expect(broker.published.map(({ payload }) => String(payload))).toEqual(["one", "two"]);
  });

  test("and the same message in a session that was resumed", async () => {
    await using broker = await startEmbedded();
    const properties = { sessionExpiryInterval: 60 };
    const session = { version, clean: false, ...(version === 5 && { properties }) };
    for (const dup of [false, true]) {
      await using client = await broker.connect("client", session);
      client.sendPacket({ ...MESSAGE, qos: 2, messageId: 7, dup });
      await client.next("pubrec");
    }
    expect(broker.published).toHaveLength(1);
  });

  test("messages of one topic keep their order, retained or not", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { version });
    await subscribe(client, "a", 1);
    for (let at = 1; at <= 40; at++) {
      const packet = { ...MESSAGE, payload: String(at), retain: at % 3 === 0 };
      client.sendPacket({ ...packet, qos: 1, messageId: at });
    }
    const payloads: number[] = [];
    for (let at = 1; at <= 40; at++) {
      payloads.push(Number((await client.next("publish")).payload));
    }
    expect(payloads).toEqual(payloads.toSorted((a, b) => a - b));
  });
});

test("20,000 QoS 2 messages that are never released do not stay in memory", async () => {
  await using broker = await startBrokerProcess({ receiveMax: 65_535 });
  await using client = await connectRaw(broker.port);
  client.sendPacket(connectPacket(5, "client"));
  await client.next("connack");
  const payload = Buffer.alloc(4_096);
  const before = await broker.measure();
  for (let messageId = 1; messageId <= 20_000; messageId++) {
    client.sendPacket({ ...MESSAGE, payload, qos: 2, messageId });
    if (messageId % 500 === 0) while ((await client.next("pubrec")).messageId !== messageId);
  }
  const after = await broker.measure();
  expect(after.rssBytes - before.rssBytes).toBeLessThan(60 << 20); // They have 80 MB.
});
