// Limits of retained messages, and of what one client may send in a second.

import { describe, expect, test } from "bun:test";
import { startBridge } from "../kit/bridge.ts";
import { connectDevice } from "../kit/device.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";

describe("retained messages beyond the limit", () => {
  test.each([
    ["of messages", { retainedMessagesMax: 2 }, "x"],
    ["of bytes", { retainedBytesMax: 10 }, "12345"],
  ])("%s are passed on, and not kept", async (_name, limits, payload) => {
    await using broker = await startEmbedded(limits);
    await using client = await broker.connect("client");
    await subscribe(client, "a/+", { qos: 1, rap: true, nl: false, rh: 2 });
    for (const topic of ["a/1", "a/2", "a/3"]) {
      await publish(client, topic, { payload, retain: true });
    }
    expect(await receivedUntilNow(client)).toHaveLength(3);
    await broker.waitForLog(
      /no room for more retained messages: 'a\/3' is passed on, and not kept/,
    );
    await using reader = await broker.connect("reader");
    await subscribe(reader, "a/+");
    const topics = (await receivedUntilNow(reader)).map(({ topic }) => topic);
    expect(topics.sort()).toEqual(["a/1", "a/2"]);
    // What is known may change, and makes room when it goes.
    await publish(client, "a/1", { payload: "new", retain: true });
    await publish(client, "a/2", { payload: "", retain: true });
    await publish(client, "a/4", { payload, retain: true });
    await using late = await broker.connect("late");
    await subscribe(late, "a/+");
    expect(payloadsOf(await receivedUntilNow(late)).sort()).toEqual(["new", payload].sort());
  });

  test("a value that has no room any more takes the old one with it", async () => {
    await using broker = await startEmbedded({ retainedBytesMax: 10 });
    await using client = await broker.connect("client");
    for (const payload of ["old", "too large for it"]) {
      await publish(client, "a", { payload, retain: true });
    }
    await subscribe(client, "a");
    expect(await receivedUntilNow(client)).toEqual([]);
  });
});

describe("a retained message without room", () => {
  const FULL = { retainedMessagesMax: 0 } as const;
  const HEAD = { cmd: "publish", topic: "a", payload: "x", dup: false, retain: true } as const;

  test.each([
    [1, "puback"],
    [2, "pubrec"],
  ] as const)("that nobody gets is refused with 0x97: QoS %p", async (qos, answer) => {
    await using broker = await startEmbedded(FULL);
    await using client = await broker.connect("client");
    client.sendPacket({ ...HEAD, qos, messageId: 7 });
    expect((await client.next(answer)).reasonCode).toBe(0x97);
    // It is over, and its identifier is free (section 4.3.3).
    client.sendPacket({ cmd: "pubrel", messageId: 7 });
    expect((await client.next("pubcomp")).reasonCode).toBe(0x92);
    await using other = await broker.connect("other");
    await subscribe(other, "a");
    client.sendPacket({ ...HEAD, qos, messageId: 7 });
    expect((await client.next(answer)).reasonCode ?? 0).toBe(0);
    expect(await receivedUntilNow(other)).toHaveLength(1);
  });

  test("is acknowledged over MQTT 3.1.1, and without retain there is no limit", async () => {
    await using broker = await startEmbedded(FULL);
    await using old = await broker.connect("old", { version: 4 });
    old.sendPacket({ ...HEAD, qos: 1, messageId: 7 });
    await old.next("puback");
    await using client = await broker.connect("client");
    client.sendPacket({ ...HEAD, retain: false, qos: 1, messageId: 7 });
    expect((await client.next("puback")).reasonCode).toBe(0x10);
  });
});

describe("the room for retained messages", () => {
  test.each([
    ["messages", { retainedMessagesMax: 2 }],
    ["bytes", { retainedBytesMax: 10 }],
  ])("of so many %s is not taken by the broker's own figures", async (_name, limits) => {
    await using broker = await startEmbedded({ ...limits, sysIntervalSeconds: 3_600 });
    await using client = await broker.connect("client");
    for (const topic of ["a/1", "a/2", "a/3"]) {
      await publish(client, topic, { payload: "12345", retain: true });
    }
    await subscribe(client, "a/+");
    await subscribe(client, "$SYS/broker/uptime");
    const topics = (await receivedUntilNow(client)).map(({ topic }) => topic);
    expect(topics.sort()).toEqual(["$SYS/broker/uptime", "a/1", "a/2"]);
  });

  test("is not taken by the bridge's status, with an origin, too", async () => {
    const flags = ["--retained-messages-max", "1", "--origin", "plant", "--client-id", "here"];
    await using bridge = await startBridge({ flags });
    await using device = await connectDevice(bridge.mqttPort);
    await device.send("a/1", "x", { retain: true });
    await expect(device.send("a/2", "x", { retain: true })).rejects.toThrow("Quota exceeded");
    await using reader = await connectDevice(bridge.mqttPort, "#");
    await reader.waitForCount(2);
    await reader.send("last", "");
    await reader.waitUntil(() => reader.received.some(({ topic }) => topic === "last"));
    const topics = reader.received.map(({ topic }) => topic).slice(0, -1);
    expect(topics.sort()).toEqual(["a/1", "plant/viaduto/here/status"]);
  });
});

test("a client that is too fast is slowed down, in order, and nothing is lost", async () => {
  await using broker = await startEmbedded({ clientMessagesPerSecondMax: 20 });
  await using client = await broker.connect("client");
  await using other = await broker.connect("other");
  await subscribe(other, "other");
  for (let messageId = 1; messageId <= 30; messageId++) {
    const head = { cmd: "publish", topic: "a", payload: `${messageId}`, messageId } as const;
    client.sendPacket({ ...head, qos: (messageId % 3) as 0 | 1 | 2, dup: false, retain: false });
  }
  client.sendPacket({ cmd: "pingreq" });
  await publish(other, "other"); // Nobody else waits for it.
  await client.next("pingresp");
  const expected = Array.from({ length: 30 }, (_, at) => `${at + 1}`);
  expect(payloadsOf(broker.published.filter(({ topic }) => topic === "a"))).toEqual(expected);
  expect(broker.published.at(-1)?.topic).toBe("a");
});

test("a QoS 2 message that was held back and came again is published once", async () => {
  const room = Promise.withResolvers<void>();
  let held = 0;
  await using broker = await startEmbedded({
    room: () => (held++ === 0 ? room.promise : undefined),
  });
  const session = { clean: false, properties: { sessionExpiryInterval: 600 } };
  await using first = await broker.connect("client", session);
  const message = { cmd: "publish", topic: "a", payload: "x", qos: 2, retain: false } as const;
  first.sendPacket({ ...message, messageId: 7, dup: false });
  await using witness = await broker.connect("witness");
  while (held === 0) await receivedUntilNow(witness);
  await using second = await broker.connect("client", session);
  await first.closed;
  second.sendPacket({ ...message, messageId: 7, dup: true });
  await second.next("pubrec");
  second.sendPacket({ cmd: "pubrel", messageId: 7 });
  await second.next("pubcomp");
  room.resolve();
  await receivedUntilNow(second);
  expect(broker.published).toHaveLength(1);
});
