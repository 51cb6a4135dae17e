// How long sessions last, how many are kept, and how much waits in them.

import { describe, expect, test } from "bun:test";
import { ENTRY_BYTES } from "../../src/broker/queued-messages.ts";
import { type ConnectMore, type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { crash, leave } from "../kit/leaving.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectRaw, type RawClient } from "../kit/raw-client.ts";

function keepFor(sessionExpiryInterval: number, more: object = {}): ConnectMore {
  return { clean: false, properties: { sessionExpiryInterval, ...more } };
}

function connackOf(client: RawClient) {
  const [connack] = client.packets;
  if (connack?.cmd !== "connack") throw new Error("no CONNACK");
  return connack;
}

/** Whether there is a session for the id; it is ended by the question. */
async function isPresent(broker: EmbeddedBroker, id: string): Promise<boolean> {
  await using client = await broker.connect(id, { clean: false });
  const present = connackOf(client).sessionPresent;
  await leave(broker, client, id);
  return present;
}

describe("a session", () => {
  test.each([
    ["that is kept is there, also without subscriptions", keepFor(600), {}, true],
    ["of 0 ends with its connection", keepFor(0), {}, false],
    ["that says nothing ends with its connection", { clean: false }, {}, false],
    ["that DISCONNECT ends is gone", keepFor(600), { sessionExpiryInterval: 0 }, false],
    ["that DISCONNECT keeps longer is there", keepFor(1), { sessionExpiryInterval: 600 }, true],
    ["that began with a clean start is kept", { ...keepFor(600), clean: true }, {}, true],
    ["of MQTT 3.1.1 that is not clean is kept", { version: 4, clean: false }, undefined, true],
    ["of MQTT 3.1.1 that is clean is not", { version: 4, clean: true }, undefined, false],
  ] as [string, ConnectMore, object | undefined, boolean][])(
    "%s [MQTT-3.2.2-3]",
    async (_name, session, properties, expected) => {
      await using broker = await startEmbedded();
      const client = await broker.connect("client", session);
      expect(connackOf(client).sessionPresent).toBe(false);
      await leave(broker, client, "client", properties ? { properties } : {});
      expect(await isPresent(broker, "client")).toBe(expected);
      expect(await isPresent(broker, "client")).toBe(false);
    },
  );

  test("that is longer than allowed is told what it has [MQTT-3.2.2-21]", async () => {
    await using broker = await startEmbedded({ sessionHoursMax: 1 });
    for (const [asked, told] of [
      [3_601, 3_600],
      [0xffff_ffff, 3_600],
      [3_600, undefined],
    ] as const) {
      await using client = await broker.connect("client", keepFor(asked));
      expect(connackOf(client).properties?.sessionExpiryInterval).toBe(told);
      expect(broker.broker.clients()[0]?.sessionExpirySeconds).toBe(3_600);
    }
  });

  test("can not be kept by a DISCONNECT when CONNECT did not: 0x82", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    client.sendPacket({ cmd: "disconnect", properties: { sessionExpiryInterval: 60 } });
    expect((await client.next("disconnect")).reasonCode).toBe(0x82);
    expect(await isPresent(broker, "client")).toBe(false);
  });
});

test("a client without an id gets one of its own, that it can come back with", async () => {
  await using broker = await startEmbedded();
  const ids = new Set<string>();
  for (let at = 0; at < 3; at++) {
    const client = await broker.connect("", { ...keepFor(600), clean: true });
    const id = connackOf(client).properties?.assignedClientIdentifier ?? "";
    ids.add(id);
    await crash(broker, client, id);
  }
  expect(ids.size).toBe(3); // [MQTT-3.1.3-7]
  for (const id of ids) expect([id === "", await isPresent(broker, id)]).toEqual([false, true]);
});

test("MQTT 3.1.1 needs an id for a session that is kept [MQTT-3.1.3-8]", async () => {
  await using broker = await startEmbedded();
  await using kept = await connectRaw(broker.port, { version: 4 });
  kept.send("10 0c 0004 4d515454 04 00 003c 0000");
  expect((await kept.next("connack")).returnCode).toBe(2);
  await kept.closed;
  await using client = await broker.connect("", { version: 4 });
  await publish(client, "a");
});

test("beyond the limit the newest session is not kept, and the log says whose", async () => {
  await using broker = await startEmbedded({ sessionsMax: 2 });
  for (const id of ["one", "two", "three"]) {
    const client = await broker.connect(id, keepFor(600));
    await crash(broker, client, id);
  }
  await broker.waitForLog(/WARN - there is no room for more sessions: that of 'three' is not kept/);
  expect(await isPresent(broker, "three")).toBe(false);
  expect(await isPresent(broker, "one")).toBe(true);
  const three = await broker.connect("three", keepFor(600));
  await crash(broker, three, "three");
  for (const id of ["two", "three"]) expect(await isPresent(broker, id)).toBe(true);
});

describe("a queue that is full", () => {
  /** What a client gets of these payloads that come while it is away. */
  async function queueAll(broker: EmbeddedBroker, payloads: readonly string[]) {
    const first = await broker.connect("client", keepFor(600));
    await subscribe(first, "a");
    await crash(broker, first, "client");
    await using publisher = await broker.connect("publisher");
    for (const payload of payloads) await publish(publisher, "a", { payload });
    await using client = await broker.connect("client", keepFor(600));
    return payloadsOf(await receivedUntilNow(client));
  }

  test("of messages takes no more; they are counted, and one line says so", async () => {
    await using broker = await startEmbedded({ queueMessagesMax: 3, sysIntervalSeconds: 0.02 });
    expect(await queueAll(broker, ["1", "2", "3", "4", "5"])).toEqual(["1", "2", "3"]);
    const lines = broker.logLines.filter((line) => /queue of client 'client' is full/.test(line));
    expect(lines).toHaveLength(1);
    await using reader = await broker.connect("reader");
    await subscribe(reader, "$SYS/broker/publish/messages/dropped");
    while (Number((await reader.next("publish")).payload) < 2);
  });

  test("of bytes takes no more, but for what fits again", async () => {
    await using broker = await startEmbedded({ queueBytesMax: 2 * ENTRY_BYTES + 10 });
    expect(await queueAll(broker, ["12345", "123456", "12345", "1"])).toEqual(["12345", "12345"]);
  });

  test("of bytes takes one that is larger than all of it", async () => {
    await using broker = await startEmbedded({ queueBytesMax: 10 });
    expect(await queueAll(broker, ["123456789012", "1"])).toEqual(["123456789012"]);
  });

  test("holds nothing back from others, nor QoS 0", async () => {
    await using broker = await startEmbedded({ queueMessagesMax: 1 });
    await using slow = await broker.connect("slow", { properties: { receiveMaximum: 1 } });
    await using quick = await broker.connect("quick");
    for (const client of [slow, quick]) await subscribe(client, "a");
    for (const payload of ["1", "2"]) {
      await publish(quick, "a", { payload });
      quick.sendPacket({ cmd: "puback", messageId: (await quick.next("publish")).messageId ?? 0 });
      await receivedUntilNow(quick);
    }
    await publish(quick, "a", { payload: "QoS 0", qos: 0 });
    expect(payloadsOf(await receivedUntilNow(quick))).toEqual(["1", "2", "QoS 0"]);
    expect(payloadsOf(await receivedUntilNow(slow))).toEqual(["1", "QoS 0"]);
    slow.sendPacket({ cmd: "puback", messageId: (await slow.next("publish")).messageId ?? 0 });
    await receivedUntilNow(slow);
    await publish(quick, "a", { payload: "3" });
    expect(payloadsOf(await receivedUntilNow(slow))).toEqual(["1", "QoS 0", "3"]);
  });

  test("ends the connection with 0x97 where that is asked for", async () => {
    await using broker = await startEmbedded({ queueMessagesMax: 2, queueFull: "disconnect" });
    await using client = await broker.connect("client", keepFor(600));
    await subscribe(client, "a");
    await using publisher = await broker.connect("publisher");
    for (const payload of ["1", "2", "3"]) await publish(publisher, "a", { payload });
    expect((await client.next("disconnect")).reasonCode).toBe(0x97);
    await broker.waitForLog(/client 'client' was closed: its queue is full/);
    await using again = await broker.connect("client", keepFor(600));
    expect(payloadsOf(await receivedUntilNow(again))).toEqual(["1", "2"]);
  });
});
