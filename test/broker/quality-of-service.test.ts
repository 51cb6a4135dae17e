// The acknowledgements of QoS 1 and 2 in both directions (MQTT 5 sections 3.4 to 3.7, 4.3 and 4.6).

import { describe, expect, test } from "bun:test";
import type { Packet } from "mqtt-packet";
import { connectWitness, type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { nextMessages, payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";
import { startSlowStorage } from "../kit/slow-storage.ts";

const MESSAGE = { cmd: "publish", topic: "a", payload: "x", dup: false, retain: false } as const;

type Answer = "puback" | "pubrec" | "pubcomp" | "pubrel";

/** A client that has got one message, and has not answered. */
async function connectReceiver(broker: EmbeddedBroker, qos: 1 | 2, version: 4 | 5 = 5) {
  const client = await broker.connect("client", { version });
  await subscribe(client, "a", 2);
  await using publisher = await broker.connect("publisher");
  await publish(publisher, "a", { qos });
  const { messageId = 0 } = await client.next("publish");
  return { client, messageId, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

/** The kinds of packets that have come since. */
async function cmdsUntilNow(client: RawClient, from: number): Promise<Packet["cmd"][]> {
  await receivedUntilNow(client);
  return client.packets.slice(from).map(({ cmd }) => cmd);
}

describe("a message of a client that nobody subscribes to", () => {
  test.each([
    [1, "puback"],
    [2, "pubrec"],
  ] as const)("with QoS %p is answered with %s 0x10", async (qos, answer) => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    client.sendPacket({ ...MESSAGE, qos, messageId: 7 });
    expect(await client.next(answer)).toMatchObject({ messageId: 7, reasonCode: 0x10 });
    await subscribe(client, "a", 0);
    client.sendPacket({ ...MESSAGE, qos, messageId: 8 });
    expect((await client.next(answer)).reasonCode ?? 0).toBe(0);
    if (qos === 1) return;
    client.sendPacket({ cmd: "pubrel", messageId: 7 });
    expect((await client.next("pubcomp")).reasonCode ?? 0).toBe(0);
  });

  test("is acknowledged in MQTT 3.1.1 as any other", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { version: 4 });
    client.send("32 06 0001 61 0007 78");
    expect(await client.next("puback")).toMatchObject({ messageId: 7, length: 2 });
  });
});

describe("PUBREL for what is not there", () => {
  test.each([
    [5, 0x92, 3],
    [4, undefined, 2],
  ] as const)("is answered, MQTT version %p", async (version, reasonCode, length) => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { version });
    client.sendPacket({ cmd: "pubrel", messageId: 99 });
    const answer = await client.next("pubcomp");
    expect([answer.messageId, answer.length]).toEqual([99, length]);
    if (version === 5) expect(answer.reasonCode).toBe(reasonCode ?? 0);
  });
});

test("PUBREC for what is not there is answered with PUBREL 0x92", async () => {
  await using broker = await startEmbedded();
  await using client = await broker.connect("client");
  client.sendPacket({ cmd: "pubrec", messageId: 99 });
  expect(await client.next("pubrel")).toMatchObject({ messageId: 99, reasonCode: 0x92 });
  await using old = await broker.connect("old", { version: 4 });
  old.sendPacket({ cmd: "pubrec", messageId: 99 });
  expect(await old.next("pubrel")).toMatchObject({ messageId: 99, length: 2 });
});

describe("an acknowledgement that does not fit the message ends the connection", () => {
  test.each([
    ["PUBREC for QoS 1", 1, ["pubrec"]],
    ["PUBCOMP for QoS 1", 1, ["pubcomp"]],
    ["PUBACK for QoS 2", 2, ["puback"]],
    ["PUBACK after PUBREC", 2, ["pubrec", "puback"]],
    ["PUBCOMP before PUBREC", 2, ["pubcomp"]],
  ] as const)("%s", async (_name, qos, answers) => {
    for (const version of [5, 4] as const) {
      await using broker = await startEmbedded();
      await using witness = await connectWitness(broker);
      await using receiver = await connectReceiver(broker, qos, version);
      const { client, messageId } = receiver;
      for (const cmd of answers) client.sendPacket({ cmd: cmd as Answer, messageId });
      if (version === 5) expect((await client.next("disconnect")).reasonCode).toBe(0x82);
      await client.closed;
      await witness.check();
    }
  });

  test("and what comes twice does not", async () => {
    await using broker = await startEmbedded();
    await using receiver = await connectReceiver(broker, 2);
    const { client, messageId } = receiver;
    const from = client.packets.length;
    for (const cmd of ["pubrec", "pubrec", "pubcomp", "pubcomp"] as const) {
      client.sendPacket({ cmd, messageId });
    }
    expect(await cmdsUntilNow(client, from)).toEqual(["pubrel", "pubrel", "pingresp"]);
  });
});

describe("PUBREC", () => {
  test("with an error is the end of the message [MQTT-4.3.3-4]", async () => {
    await using broker = await startEmbedded();
    await using receiver = await connectReceiver(broker, 2);
    const { client, messageId } = receiver;
    const from = client.packets.length;
    client.sendPacket({ cmd: "pubrec", messageId, reasonCode: 0x80 });
    expect(await cmdsUntilNow(client, from)).toEqual(["pingresp"]);
    client.sendPacket({ cmd: "pubrec", messageId });
    expect((await client.next("pubrel")).reasonCode).toBe(0x92);
  });

  test("with 0x10 is none", async () => {
    await using broker = await startEmbedded();
    await using receiver = await connectReceiver(broker, 2);
    const { client, messageId } = receiver;
    client.sendPacket({ cmd: "pubrec", messageId, reasonCode: 0x10 });
    expect(await client.next("pubrel")).toMatchObject({ messageId });
  });
});

describe("order", () => {
  test("of acknowledgements is that of the messages [MQTT-4.6.0-2], [MQTT-4.6.0-3]", async () => {
    await using broker = await startSlowStorage();
    await using client = await broker.connect("client");
    const kinds = [1, 2, 2, 1, 1, 2, 1] as const;
    for (const [at, qos] of kinds.entries()) {
      // Some of them are denied, some wanted by nobody: their answers wait in the same row.
      const topic = at % 3 === 0 ? "$SYS/denied" : "a";
      client.sendPacket({ ...MESSAGE, topic, qos, messageId: at + 1 });
    }
    const from = client.packets.length;
    expect(await cmdsUntilNow(client, from)).toEqual(["pingresp"]);
    broker.release();
    await receivedUntilNow(client);
    const answers = client.packets.slice(from + 1, -1) as { cmd: string; messageId: number }[];
    expect(answers.map(({ cmd, messageId }) => [cmd, messageId])).toEqual(
      kinds.map((qos, at) => [qos === 1 ? "puback" : "pubrec", at + 1]),
    );
  });

  test("of PUBRELs is that of the PUBRECs [MQTT-4.6.0-4]", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    await subscribe(client, "a", 2);
    for (let at = 0; at < 4; at++) await publish(client, "a", { qos: 2, payload: `${at}` });
    const received = await nextMessages(client, 4);
    expect(payloadsOf(received)).toEqual(["0", "1", "2", "3"]);
    const order = [2, 0, 3, 1].map((at) => received[at]?.messageId ?? 0);
    for (const messageId of order) client.sendPacket({ cmd: "pubrec", messageId });
    for (const messageId of order) expect((await client.next("pubrel")).messageId).toBe(messageId);
  });

  test("of messages that come again is that of the first time [MQTT-4.6.0-1]", async () => {
    await using broker = await startEmbedded();
    const session = { clean: false, properties: { sessionExpiryInterval: 600 } };
    const first = await broker.connect("client", session);
    await subscribe(first, "#", 2);
    await using publisher = await broker.connect("publisher");
    for (let at = 0; at < 9; at++) {
      await publish(publisher, `${at % 2}`, { qos: at % 2 ? 2 : 1, payload: `${at}` });
    }
    const received = await nextMessages(first, 9);
    for (const at of [6, 0, 4]) {
      first.sendPacket({ cmd: "puback", messageId: received[at]?.messageId ?? 0 });
    }
    await receivedUntilNow(first);
    await using second = await broker.connect("client", session);
    expect(payloadsOf(await receivedUntilNow(second))).toEqual(["1", "2", "3", "5", "7", "8"]);
  });
});

test("a reason string comes only when the client wants it [MQTT-3.1.2-29]", async () => {
  await using broker = await startEmbedded({ subscriptionsPerClientMax: 1 });
  for (const [wanted, hasReason] of [
    [undefined, true],
    [true, true],
    [false, false],
  ] as const) {
    const properties = wanted === undefined ? {} : { requestProblemInformation: wanted };
    await using client = await broker.connect("client", { properties });
    const subscriptions = ["a", "b"].map((topic) => ({ topic, qos: 1 as const }));
    client.sendPacket({ cmd: "subscribe", messageId: 7, subscriptions });
    const answer = await client.next("suback");
    expect(answer.granted).toEqual([1, 0x97]);
    expect(Boolean(answer.properties?.reasonString)).toBe(hasReason);
  }
});
