// MQTT over WebSocket (MQTT 5 section 6), in frames of every cut.

import { describe, expect, test } from "bun:test";
import { generate, type ISubscribePacket } from "mqtt-packet";
import { connectWitness, type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { payloadsOf } from "../kit/messages.ts";
import { connectPacket } from "../kit/raw-client.ts";
import { connectWebSocket } from "../kit/web-socket-client.ts";

const urlOf = (broker: EmbeddedBroker, path = "/mqtt") => `ws://127.0.0.1:${broker.wsPort}${path}`;
const toBytes = (packet: Parameters<typeof generate>[0]) => {
  return generate(packet, { protocolVersion: 5 });
};

const CONNECT = connectPacket(5, "web");
const SUBSCRIBE: ISubscribePacket = {
  cmd: "subscribe",
  messageId: 1,
  subscriptions: [{ topic: "a", qos: 1 }],
};
const MESSAGE = { cmd: "publish", topic: "a", qos: 1, dup: false, retain: false } as const;

async function connectAccepted(broker: EmbeddedBroker, protocols?: string[]) {
  const client = await connectWebSocket(urlOf(broker), protocols);
  client.sendPacket(CONNECT);
  await client.next("connack");
  return client;
}

describe("the door", () => {
  test.each([
    [["mqtt"], "mqtt"],
    [["mqttv3.1"], "mqttv3.1"],
    [["chat", "mqtt"], "mqtt"],
    [[], ""],
  ])("takes the sub-protocols %j and answers '%s'", async (offered, chosen) => {
    await using broker = await startEmbedded();
    await using client = await connectAccepted(broker, offered);
    expect(client.protocol).toBe(chosen);
  });

  test("is at /mqtt and nowhere else", async () => {
    await using broker = await startEmbedded();
    for (const path of ["/", "/mqtt/", "/other"]) {
      const response = await fetch(urlOf(broker, path).replace("ws:", "http:"));
      expect([response.status, await response.text()]).toEqual([
        404,
        "MQTT over WebSocket is at /mqtt\n",
      ]);
      await expect(connectWebSocket(urlOf(broker, path))).rejects.toThrow("did not open");
    }
    const plain = await fetch(urlOf(broker).replace("ws:", "http:"));
    expect(plain.status).toBe(404); // No upgrade was asked for.
    expect(broker.broker.connectionCount).toBe(0);
  });

  test("counts for the limit of connections", async () => {
    await using broker = await startEmbedded({ connectionsMax: 1 });
    await using witness = await connectWitness(broker);
    await using client = await connectWebSocket(urlOf(broker));
    await client.closed;
    await broker.waitForLog(/refused 127\.0\.0\.1 \(WebSocket\): 1 connections are open/);
    await witness.check();
  });
});

describe("frames", () => {
  test("of text close the connection with 1003", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await connectAccepted(broker);
    client.send("text");
    expect(await client.closed).toBe(1003);
    await broker.waitForConnections(1);
    await witness.check();
  });

  test("may hold part of a packet", async () => {
    await using broker = await startEmbedded();
    await using client = await connectWebSocket(urlOf(broker));
    const publish = toBytes({ ...MESSAGE, payload: "in pieces", messageId: 2 });
    const bytes = Buffer.concat([toBytes(CONNECT), toBytes(SUBSCRIBE), publish]);
    for (const byte of bytes) client.send(Buffer.of(byte));
    expect((await client.next("publish")).payload.toString()).toBe("in pieces");
    await client.next("puback");
  });

  test("may come all at once, in pieces of a packet, before CONNECT is answered", async () => {
    await using broker = await startEmbedded();
    for (let round = 0; round < 20; round++) {
      await using client = await connectWebSocket(urlOf(broker));
      client.sendPacket(CONNECT);
      const bytes = toBytes({ ...MESSAGE, payload: Buffer.alloc(1_000), messageId: 2 });
      for (let at = 0; at < bytes.length; at += 50) client.send(bytes.subarray(at, at + 50));
      await client.next("puback");
    }
  });

  test("may hold several packets", async () => {
    await using broker = await startEmbedded();
    await using client = await connectWebSocket(urlOf(broker));
    const messages = Array.from({ length: 100 }, (_, at) => {
      return toBytes({ ...MESSAGE, payload: String(at), messageId: at + 2 });
    });
    client.send(Buffer.concat([toBytes(CONNECT), toBytes(SUBSCRIBE), ...messages]));
    for (let at = 0; at < 100; at++) {
      expect((await client.next("publish")).payload.toString()).toBe(String(at));
    }
  });

  test("of nothing are nothing", async () => {
    await using broker = await startEmbedded();
    await using client = await connectAccepted(broker);
    client.send(new Uint8Array());
    client.sendPacket({ cmd: "pingreq" });
    await client.next("pingresp");
  });

  test("that are malformed get DISCONNECT and then the close", async () => {
    await using broker = await startEmbedded();
    await using client = await connectAccepted(broker);
    client.send(Buffer.from("300361002b", "hex"));
    expect((await client.next("disconnect")).reasonCode).toBe(0x81);
    await client.closed;
    await broker.waitForConnections(0);
  });
});

test("900 kB go from WebSocket to TCP and back, whole", async () => {
  await using broker = await startEmbedded();
  await using web = await connectAccepted(broker);
  await using tcp = await broker.connect("tcp");
  const payload = Buffer.from(Array.from({ length: 900_000 }, (_, at) => at & 0xff));
  for (const client of [web, tcp]) {
    client.sendPacket(SUBSCRIBE);
    await client.next("suback");
  }
  for (const sender of [web, tcp]) {
    sender.sendPacket({ ...MESSAGE, payload, messageId: 2 });
    const messages = [await web.next("publish"), await tcp.next("publish")];
    expect(messages.every((message) => payload.equals(Buffer.from(message.payload)))).toBe(true);
  }
});

test("a packet may be larger than Bun's own limit of a frame", async () => {
  await using broker = await startEmbedded({ packetBytesMax: 32 << 20 });
  await using client = await connectAccepted(broker);
  client.sendPacket(SUBSCRIBE);
  await client.next("suback");
  client.sendPacket({ ...MESSAGE, payload: Buffer.alloc(20 << 20), messageId: 2 });
  expect((await client.next("publish")).payload).toHaveLength(20 << 20);
});

test.each([0, 1] as const)(
  "what was sent with QoS %p right before the close is published",
  async (qos) => {
    await using broker = await startEmbedded();
    const client = await connectAccepted(broker);
    const payloads = Array.from({ length: 2_000 }, (_, at) => String(at).padEnd(5_000));
    for (const [at, payload] of payloads.entries()) {
      client.sendPacket({ ...MESSAGE, payload, qos, messageId: at + 1 });
    }
    client.sendPacket({ cmd: "disconnect" });
    client.close();
    await client.closed;
    await broker.waitForConnections(0);
    expect(payloadsOf(broker.published)).toEqual(payloads);
  },
);

test("a client that goes without a word has its will published", async () => {
  await using broker = await startEmbedded();
  const client = await connectWebSocket(urlOf(broker));
  const will = { topic: "will", payload: Buffer.from("gone"), qos: 0, retain: false } as const;
  client.sendPacket({ ...CONNECT, will });
  await client.next("connack");
  await client[Symbol.asyncDispose]();
  await broker.waitForConnections(0);
  await using other = await broker.connect("other"); // So that the will is behind us.
  expect(other.packets).toHaveLength(1);
  expect(payloadsOf(broker.published)).toEqual(["gone"]);
});
