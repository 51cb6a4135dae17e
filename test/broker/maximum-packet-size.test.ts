// Maximum Packet Size of a client (MQTT 5 section 3.1.2.11.4): what is larger counts as delivered.

import { expect, test } from "bun:test";
import { type ConnectMore, startEmbedded } from "../kit/embedded-broker.ts";
import { crash } from "../kit/leaving.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";

const LARGE = Buffer.alloc(200, "x");

function limited(maximumPacketSize: number, more: object = {}): ConnectMore {
  return { properties: { maximumPacketSize, ...more } };
}

test.each([0, 1, 2] as const)(
  "QoS %p: the next ones come, and the window stays open",
  async (qos) => {
    await using broker = await startEmbedded({ sysIntervalSeconds: 0.02 });
    await using client = await broker.connect("client", limited(100, { receiveMaximum: 1 }));
    await subscribe(client, "a", 2);
    await using publisher = await broker.connect("publisher");
    // [MQTT-3.1.2-24], [MQTT-3.1.2-25]
    for (let at = 0; at < 3; at++) await publish(publisher, "a", { qos, payload: LARGE });
    await publish(publisher, "a", { qos, payload: "small" });
    await publish(publisher, "a", { qos: 0, payload: "small, too" });
    expect(payloadsOf(await receivedUntilNow(client))).toEqual(["small", "small, too"]);
    // Counted: the broker's figures show it.
    await subscribe(publisher, "$SYS/broker/publish/messages/dropped");
    while (Number((await publisher.next("publish")).payload) < 3);
  },
);

test("the limit is the whole packet, to the byte", async () => {
  await using broker = await startEmbedded();
  await using publisher = await broker.connect("publisher");
  for (const [id, bytes] of [
    ["exact", 30],
    ["less", 29],
  ] as const) {
    await using client = await broker.connect(id, limited(bytes));
    await subscribe(client, "a");
    // Header 2, topic 3, identifier 2, property length 1: with 22 bytes of payload it has 30.
    await publish(publisher, "a", { payload: Buffer.alloc(22, "x") });
    expect(await receivedUntilNow(client)).toHaveLength(bytes === 30 ? 1 : 0);
  }
});

test("others get the message, and so does the client when it allows more", async () => {
  await using broker = await startEmbedded();
  const first = await broker.connect("client", {
    ...limited(100, { sessionExpiryInterval: 600, receiveMaximum: 1 }),
    clean: false,
  });
  await using other = await broker.connect("other");
  for (const one of [first, other]) await subscribe(one, "a");
  for (const payload of ["holds up the others", LARGE]) await publish(other, "a", { payload });
  expect(await receivedUntilNow(other)).toHaveLength(2);
  await crash(broker, first, "client");
  await using second = await broker.connect("client", {
    ...limited(1_000, { sessionExpiryInterval: 600 }),
    clean: false,
  });
  expect(payloadsOf(await receivedUntilNow(second))).toEqual([
    "holds up the others",
    String(LARGE),
  ]);
});

test("retained messages that are too large are left out of many", async () => {
  await using broker = await startEmbedded();
  await using client = await broker.connect("client", limited(100));
  for (const [topic, payload] of [
    ["a/1", "1"],
    ["a/2", LARGE],
    ["a/3", "3"],
  ] as const) {
    await publish(client, topic, { retain: true, payload });
  }
  await subscribe(client, "a/+");
  expect(payloadsOf(await receivedUntilNow(client)).sort()).toEqual(["1", "3"]);
});
