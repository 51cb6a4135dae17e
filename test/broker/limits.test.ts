// What the broker takes no more of, and how it says so.

import { describe, expect, test } from "bun:test";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectBytes, field, packetBytes } from "../kit/packet-bytes.ts";
import { connectRaw } from "../kit/raw-client.ts";

const MESSAGE = { cmd: "publish", topic: "a", qos: 0, dup: false, retain: false } as const;

describe("a packet that is larger than allowed", () => {
  const packetBytesMax = 10_000;

  test("ends an MQTT 5 connection with 0x95, and the log says why", async () => {
    await using broker = await startEmbedded({ packetBytesMax });
    await using witness = await connectWitness(broker);
    await using client = await broker.connect("client");
    const [connack] = client.packets;
    expect(connack).toMatchObject({ properties: { maximumPacketSize: packetBytesMax } });
    client.sendPacket({ ...MESSAGE, payload: Buffer.alloc(packetBytesMax) });
    expect((await client.next("disconnect")).reasonCode).toBe(0x95);
    await client.closed;
    await broker.waitForLog(/WARN - client 'client' was closed: packet too large/);
    await witness.check();
  });

  test("closes an MQTT 3.1.1 connection, and the log says why", async () => {
    await using broker = await startEmbedded({ packetBytesMax });
    await using witness = await connectWitness(broker);
    await using client = await broker.connect("client", { version: 4 });
    client.sendPacket({ ...MESSAGE, payload: Buffer.alloc(packetBytesMax) });
    await client.closed;
    await broker.waitForLog(/WARN - client 'client' was closed: packet too large/);
    await witness.check();
  });

  test("is refused by its length alone, before it is sent", async () => {
    await using broker = await startEmbedded({ packetBytesMax });
    await using client = await broker.connect("client");
    client.send("30 ff ff ff 7f 00 01 61 00"); // 256 MiB are announced.
    expect((await client.next("disconnect")).reasonCode).toBe(0x95);
    await client.closed;
  });

  test("is refused as CONNECT as well", async () => {
    await using broker = await startEmbedded({ packetBytesMax });
    await using witness = await connectWitness(broker);
    await using client = await connectRaw(broker.port);
    client.send("10 ff ff ff 7f 00 04 4d 51 54 54 05");
    await client.closed;
    await broker.waitForLog(/WARN - a connection was closed: packet too large/);
    await witness.check();
  });

  test("is taken when it is one byte less", async () => {
    await using broker = await startEmbedded({ packetBytesMax });
    await using client = await broker.connect("client", { version: 4 });
    await subscribe(client, "a");
    const headBytes = 1 + 2 + 2 + "a".length; // First byte, remaining length, topic.
    client.sendPacket({ ...MESSAGE, payload: Buffer.alloc(packetBytesMax - headBytes) });
    expect((await client.next("publish")).payload.length).toBe(packetBytesMax - headBytes);
  });
});

test("connections beyond the limit are refused with a log line, until one leaves", async () => {
  await using broker = await startEmbedded({ connectionsMax: 2 });
  await using witness = await connectWitness(broker);
  const second = await broker.connect("second");
  await using refused = await connectRaw(broker.port);
  await refused.closed;
  await broker.waitForLog(/WARN - refused 127\.0\.0\.1:\d+: 2 connections are open/);
  await second[Symbol.asyncDispose]();
  await broker.waitForConnections(1);
  await using third = await broker.connect("third");
  await receivedUntilNow(third);
  await witness.check();
});

describe.each([0, 1, 2] as const)("with QoS %p", (qos) => {
  test("a client can not publish below $SYS/, and so disconnect nobody", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await broker.connect("client");
    const topic = "$SYS/another-broker/new/clients";
    client.sendPacket({ ...MESSAGE, topic, payload: "witness", qos, messageId: 1 });
    if (qos === 1) expect((await client.next("puback")).reasonCode).toBe(0x87);
    if (qos === 2) expect((await client.next("pubrec")).reasonCode).toBe(0x87);
    await receivedUntilNow(client);
    await witness.check();

    await using old = await broker.connect("old", { version: 4 });
    old.sendPacket({ ...MESSAGE, topic, payload: "witness", qos, messageId: 1 });
    // MQTT 3.1.1 has no way to say no: the message is acknowledged, and dropped [MQTT-3.3.5-2].
    if (qos > 0) await old.next(qos === 1 ? "puback" : "pubrec");
    await receivedUntilNow(old);
    await broker.waitForLog(/WARN - client 'old' was denied '\$SYS\/another-broker/);
    expect(broker.published.map((one) => one.topic)).not.toContain(topic);
    await witness.check();
  });
});

const DEEP = "a/".repeat(149);

describe("more than 100 levels", () => {
  test.each([
    ["a topic", { ...MESSAGE, topic: DEEP, payload: "x" }, 0x90],
    [
      "a filter",
      { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: DEEP, qos: 0 }] },
      0x8f,
    ],
  ] as const)("are refused for %s", async (_name, packet, reasonCode) => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await broker.connect("client");
    client.sendPacket({ ...packet } as Parameters<typeof client.sendPacket>[0]);
    expect((await client.next("disconnect")).reasonCode).toBe(reasonCode);
    await client.closed;
    await broker.waitForLog(/packet refused: more than 100 levels/);
    await using old = await broker.connect("old", { version: 4 });
    old.sendPacket({ ...packet } as Parameters<typeof client.sendPacket>[0]);
    await old.closed;
    await witness.check();
  });

  test("are too many, and 100 are not", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    const topic = Array(100).fill("a").join("/");
    await subscribe(client, topic);
    await publish(client, topic, { retain: true });
    expect((await client.next("publish")).topic).toBe(topic);
  });
});

test("a topic of 65,535 bytes is a topic as any other", async () => {
  await using broker = await startEmbedded();
  await using client = await broker.connect("client");
  const topic = `t/${"x".repeat(65_533)}`;
  await subscribe(client, topic);
  await subscribe(client, "t/+");
  await publish(client, topic);
  expect((await client.next("publish")).topic).toBe(topic);
});

test("a client id of 65,535 bytes is cut in the log", async () => {
  await using broker = await startEmbedded();
  await using client = await connectRaw(broker.port);
  client.send(connectBytes({ clientId: "x".repeat(65_535) }));
  await client.next("connack");
  const line = await broker.waitForLog(/client 'x+…' \(65435 more characters\) connected from /);
  expect(line.length).toBeLessThan(300);
});

test("thousands of packets right behind CONNECT are all taken", async () => {
  await using broker = await startEmbedded();
  await using client = await connectRaw(broker.port, { version: 4 });
  const messages = Array.from({ length: 5_000 }, (_, at) => {
    return packetBytes(0x30, field("a"), String(at));
  });
  client.send(Buffer.concat([connectBytes({ version: 4 }), ...messages]));
  await client.next("connack");
  await receivedUntilNow(client);
  expect(payloadsOf(broker.published)).toEqual(messages.map((_, at) => String(at)));
});
