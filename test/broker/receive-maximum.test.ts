// Receive Maximum (MQTT 5 sections 3.1.2.11.3, 3.2.2.3.3 and 4.9): how many messages may be under
// way at once, in each direction.

import { describe, expect, test } from "bun:test";
import type { IPublishPacket } from "mqtt-packet";
import { type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { crash } from "../kit/leaving.ts";
import { nextMessages, payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";
import { startSlowStorage } from "../kit/slow-storage.ts";

const TWO = { properties: { receiveMaximum: 2 } } as const;
const KEPT = {
  clean: false,
  properties: { receiveMaximum: 2, sessionExpiryInterval: 600 },
} as const;

/** A subscriber of `a` with a window of two, and four messages for it. */
async function sendFour(broker: EmbeddedBroker, client: RawClient, qos: 1 | 2) {
  await subscribe(client, "a", 2);
  await using publisher = await broker.connect("publisher");
  for (const payload of ["1", "2", "3", "4"]) await publish(publisher, "a", { payload, qos });
}

function answer(client: RawClient, cmd: "puback" | "pubrec" | "pubcomp", one?: IPublishPacket) {
  client.sendPacket({ cmd, messageId: one?.messageId ?? 0 });
}

describe("the client's", () => {
  test("is never exceeded: the third message comes after an acknowledgement", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", TWO);
    await sendFour(broker, client, 1);
    const [one, two] = await receivedUntilNow(client);
    expect(await receivedUntilNow(client)).toHaveLength(2); // [MQTT-3.3.4-9]
    answer(client, "puback", two); // The order of acknowledgements is the client's.
    expect(payloadsOf(await receivedUntilNow(client))).toEqual(["1", "2", "3"]);
    answer(client, "puback", one);
    expect(payloadsOf(await receivedUntilNow(client))).toEqual(["1", "2", "3", "4"]);
  });

  test("counts QoS 2 until PUBCOMP", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", TWO);
    await sendFour(broker, client, 2);
    const [one, two] = await receivedUntilNow(client);
    for (const message of [one, two]) answer(client, "pubrec", message);
    for (let at = 0; at < 2; at++) await client.next("pubrel");
    expect(await receivedUntilNow(client)).toHaveLength(2);
    answer(client, "pubcomp", one);
    expect(payloadsOf(await receivedUntilNow(client))).toEqual(["1", "2", "3"]);
  });

  test("counts QoS 2 until a PUBREC that is an error, which ends it", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", TWO);
    await sendFour(broker, client, 2);
    const [one] = await receivedUntilNow(client);
    client.sendPacket({ cmd: "pubrec", messageId: one?.messageId ?? 0, reasonCode: 0x97 });
    expect(payloadsOf(await receivedUntilNow(client))).toEqual(["1", "2", "3"]);
    expect(client.packets.some(({ cmd }) => cmd === "pubrel")).toBe(false);
  });

  test("is not widened by an acknowledgement that comes twice, or for nothing", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", TWO);
    await sendFour(broker, client, 1);
    const [one] = await receivedUntilNow(client);
    for (let at = 0; at < 3; at++) answer(client, "puback", one);
    client.sendPacket({ cmd: "puback", messageId: 4 });
    client.sendPacket({ cmd: "puback", messageId: 60_000 });
    expect(payloadsOf(await receivedUntilNow(client))).toEqual(["1", "2", "3"]);
  });

  test("does not hold back QoS 0", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", TWO);
    await sendFour(broker, client, 1);
    await publish(client, "a", { payload: "QoS 0", qos: 0 });
    expect(payloadsOf(await receivedUntilNow(client))).toEqual(["1", "2", "QoS 0"]);
  });

  test("holds for retained messages", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", TWO);
    for (const topic of ["a/1", "a/2", "a/3"]) await publish(client, topic, { retain: true });
    await subscribe(client, "a/+");
    const [one] = await receivedUntilNow(client);
    expect(await receivedUntilNow(client)).toHaveLength(2);
    answer(client, "puback", one);
    expect(await receivedUntilNow(client)).toHaveLength(3);
  });

  test.each([1, 2] as const)("holds when QoS %p is sent again, with DUP", async (qos) => {
    await using broker = await startEmbedded();
    const first = await broker.connect("client", KEPT);
    await sendFour(broker, first, qos);
    const sent = await nextMessages(first, 2);
    await crash(broker, first, "client");

    await using second = await broker.connect("client", {
      ...KEPT,
      properties: { ...KEPT.properties, receiveMaximum: 1 },
    });
    const received: IPublishPacket[] = [];
    for (let at = 0; at < 4; at++) {
      const message = await second.next("publish");
      expect(await receivedUntilNow(second)).toHaveLength(at + 1);
      received.push(message);
      answer(second, qos === 1 ? "puback" : "pubrec", message);
      if (qos === 1) continue;
      await second.next("pubrel");
      expect(await receivedUntilNow(second)).toHaveLength(at + 1);
      answer(second, "pubcomp", message);
    }
    expect(payloadsOf(received)).toEqual(["1", "2", "3", "4"]); // [MQTT-4.6.0-1]
    expect(received.map(({ dup }) => dup)).toEqual([true, true, false, false]); // [MQTT-3.3.1-1]
    const identifiers = received.map(({ messageId }) => messageId);
    // [MQTT-4.4.0-1]
    expect(identifiers.slice(0, 2)).toEqual(sent.map(({ messageId }) => messageId));
    expect(new Set(identifiers).size).toBe(4);
  });

  test("counts the PUBRELs that come again", async () => {
    await using broker = await startEmbedded();
    const first = await broker.connect("client", KEPT);
    await sendFour(broker, first, 2);
    const [one, two] = await nextMessages(first, 2);
    for (const message of [one, two]) answer(first, "pubrec", message);
    for (let at = 0; at < 2; at++) await first.next("pubrel");
    await crash(broker, first, "client");
    await using second = await broker.connect("client", KEPT);
    for (let at = 0; at < 2; at++) await second.next("pubrel");
    expect(await receivedUntilNow(second)).toEqual([]);
    answer(second, "pubcomp", one);
    expect(payloadsOf(await receivedUntilNow(second))).toEqual(["3"]);
  });

  test("of zero is refused; without one, and in MQTT 3.1.1, our limit holds", async () => {
    await using broker = await startEmbedded({ inflightMessagesMax: 3 });
    const properties = { receiveMaximum: 0 };
    await expect(broker.connect("none", { properties })).rejects.toThrow(String(0x82));
    for (const version of [4, 5] as const) {
      await using client = await broker.connect("client", { version });
      await sendFour(broker, client, 1);
      expect(await receivedUntilNow(client)).toHaveLength(3);
    }
  });
});

/** So many messages in one go, with QoS 1 or 2, and none of them released. */
function sendAtOnce(client: RawClient, count: number, qos: 1 | 2): void {
  for (let messageId = 1; messageId <= count; messageId++) {
    const head = { cmd: "publish", topic: "a", payload: `${messageId}`, messageId } as const;
    client.sendPacket({ ...head, qos, dup: false, retain: false });
  }
}

describe("the broker's", () => {
  test("is told in CONNACK", async () => {
    await using broker = await startEmbedded({ receiveMax: 3 });
    await using client = await broker.connect("client");
    expect(client.packets[0]).toMatchObject({ properties: { receiveMaximum: 3 } });
  });

  test("is the end of who exceeds it with QoS 2, in MQTT 5 alone: it was told", async () => {
    await using broker = await startEmbedded({ receiveMax: 3 });
    await using old = await broker.connect("old", { version: 4 });
    sendAtOnce(old, 4, 2);
    for (let at = 0; at < 4; at++) await old.next("pubrec");
    await using client = await broker.connect("client", { version: 5 });
    sendAtOnce(client, 4, 2);
    expect((await client.next("disconnect")).reasonCode).toBe(0x93);
    await client.closed;
    expect(payloadsOf(broker.published)).toEqual(["1", "2", "3", "4", "1", "2", "3"]);
  });

  test("is the end of who exceeds it with QoS 1, in MQTT 5 alone", async () => {
    await using broker = await startSlowStorage({ receiveMax: 3 });
    await using old = await broker.connect("old", { version: 4 });
    sendAtOnce(old, 10, 1); // It was told no maximum: what is beyond it is not read for now.
    await using client = await broker.connect("client");
    sendAtOnce(client, 4, 1);
    expect((await client.next("disconnect")).reasonCode).toBe(0x93);
    expect(broker.published).toHaveLength(6);
    broker.release();
    for (let messageId = 1; messageId <= 10; messageId++) {
      expect((await old.next("puback")).messageId).toBe(messageId); // [MQTT-4.6.0-2]
    }
    expect(broker.published).toHaveLength(13);
  });

  test("counts QoS 1 until PUBACK", async () => {
    await using broker = await startEmbedded({ receiveMax: 3 });
    await using client = await broker.connect("client");
    for (let turn = 0; turn < 3; turn++) {
      sendAtOnce(client, 3, 1);
      for (let at = 0; at < 3; at++) await client.next("puback");
    }
    expect(broker.published).toHaveLength(9);
  });

  test("counts QoS 2 until PUBREL, over connections, and what comes again once", async () => {
    await using broker = await startEmbedded({ receiveMax: 3 });
    const first = await broker.connect("client", KEPT);
    sendAtOnce(first, 3, 2);
    for (let at = 0; at < 3; at++) await first.next("pubrec");
    await crash(broker, first, "client");
    await using second = await broker.connect("client", KEPT);
    sendAtOnce(second, 3, 2);
    for (let at = 0; at < 3; at++) await second.next("pubrec");
    second.sendPacket({ cmd: "pubrel", messageId: 2 });
    await second.next("pubcomp");
    await publish(second, "a", { qos: 2, payload: "one more" });
    expect(payloadsOf(broker.published)).toEqual(["1", "2", "3", "one more"]);
    second.sendPacket({ cmd: "pubrel", messageId: 1 });
    await second.next("pubcomp");
    sendAtOnce(second, 4, 2);
    expect((await second.next("disconnect")).reasonCode).toBe(0x93);
  });
});
