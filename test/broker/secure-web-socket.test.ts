// MQTT over WebSocket over TLS: as over plain WebSocket, and client certificates as over plain TLS.

import { describe, expect, test } from "bun:test";
import { connectAsync, type MqttClient } from "mqtt";
import { generate, type ISubscribePacket } from "mqtt-packet";
import { AUTHORITY } from "../kit/certificates.ts";
import {
  CLIENT,
  EXPIRED_CLIENT,
  FOREIGN_CLIENT,
  RENEWED_SERVER,
} from "../kit/client-certificates.ts";
import { payloadsOf } from "../kit/messages.ts";
import { connectPacket } from "../kit/raw-client.ts";
import { openSecureDoors, type SecureDoors } from "../kit/secure-doors.ts";
import { connectTls, expectRefusal, type Identity, waitForClose } from "../kit/tls-files.ts";
import { connectWebSocket } from "../kit/web-socket-client.ts";

const CONNECT = connectPacket(5, "web");
const MESSAGE = { cmd: "publish", topic: "a", qos: 1, dup: false, retain: false } as const;
const SUBSCRIBE: ISubscribePacket = {
  cmd: "subscribe",
  messageId: 1,
  subscriptions: [{ topic: "a", qos: 1 }],
};

function connect(doors: SecureDoors, identity?: Identity, protocols?: string[]) {
  const tls = { ca: AUTHORITY, ...(identity && { cert: identity.certificate, key: identity.key }) };
  return connectWebSocket(`wss://127.0.0.1:${doors.wssPort}/mqtt`, protocols, { tls });
}

async function connectAccepted(doors: SecureDoors, identity?: Identity) {
  const client = await connect(doors, identity);
  client.sendPacket(CONNECT);
  await client.next("connack");
  return client;
}

/** The answer to a request in text, until the server ends the connection. */
async function ask(doors: SecureDoors, request: string): Promise<string> {
  const socket = await connectTls(doors.wssPort);
  let answer = "";
  socket.on("data", (bytes) => {
    answer += String(bytes);
  });
  socket.write(request);
  await waitForClose(socket);
  return answer;
}

function toRequest(path: string, ...headers: readonly string[]): string {
  const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  const lines = ["Host: localhost", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", ...upgrade];
  return [`GET ${path} HTTP/1.1`, ...lines, ...headers, "", ""].join("\r\n");
}

describe("mqtt.js", () => {
  test("gets 1 MB back whole, in both directions of the socket", async () => {
    await using doors = await openSecureDoors();
    const client: MqttClient = await connectAsync(`wss://localhost:${doors.wssPort}/mqtt`, {
      ca: AUTHORITY,
      protocolVersion: 5,
      reconnectPeriod: 0,
    });
    const payload = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => at & 0xff));
    const received = Promise.withResolvers<Buffer>();
    client.on("message", (_topic, bytes) => received.resolve(bytes));
    await client.subscribeAsync("big", { qos: 1 });
    await client.publishAsync("big", payload, { qos: 1 });
    expect(payload.equals(await received.promise)).toBe(true);
    await client.endAsync();
    expect(doors.peers).toEqual([
      { address: "127.0.0.1 (WebSocket, TLS)", host: "127.0.0.1", door: "wss" },
    ]);
  });
});

describe("the door", () => {
  test.each([
    [["mqtt"], "mqtt"],
    [["mqttv3.1"], "mqttv3.1"],
    [["chat", "mqtt"], "mqtt"],
    [[], ""],
  ])("takes the sub-protocols %j and answers '%s'", async (offered, chosen) => {
    await using doors = await openSecureDoors();
    await using client = await connect(doors, undefined, offered);
    client.sendPacket(CONNECT);
    await client.next("connack");
    expect(client.protocol).toBe(chosen);
  });

  test.each([
    ["another path", toRequest("/other")],
    ["no upgrade", "GET /mqtt HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["no HTTP", "hello\r\n\r\n"],
  ])("with %s answers 404", async (_, request) => {
    await using doors = await openSecureDoors();
    expect(await ask(doors, request)).toMatch(/^HTTP\/1\.1 404 .*\/mqtt\n$/s);
    expect(doors.peers).toEqual([]);
  });

  test("does not let a page of another site in", async () => {
    await using doors = await openSecureDoors();
    const answer = await ask(doors, toRequest("/mqtt", "Origin: https://evil.example"));
    expect(answer).toStartWith("HTTP/1.1 403 ");
    expect(doors.peers).toEqual([]);
  });

  test("is closed to who says nothing in time", async () => {
    await using doors = await openSecureDoors({ connectTimeoutMs: 50 });
    await waitForClose(await connectTls(doors.wssPort));
    expect(doors.peers).toEqual([]);
  });

  test.each(["__proto__", "constructor", "hasOwnProperty", "toString"])(
    "stays open when a header is named %s",
    async (name) => {
      await using doors = await openSecureDoors();
      await ask(doors, `GET / HTTP/1.1\r\n${name}: x\r\n${name}: y\r\n\r\n`);
      await using client = await connectAccepted(doors);
      expect(client.packets).toHaveLength(1);
    },
  );
});

describe("client certificates", () => {
  test("are a login, by their common name", async () => {
    await using doors = await openSecureDoors({ asksForCertificate: true });
    await using client = await connectAccepted(doors, CLIENT);
    expect(client.packets).toHaveLength(1);
    expect(doors.peers).toMatchObject([{ door: "wss", certificateName: "ana" }]);
  });

  test.each([
    ["none", undefined],
    ["an expired one", EXPIRED_CLIENT],
    ["one of another authority", FOREIGN_CLIENT],
  ])("%s: refused in the handshake", async (_, identity) => {
    await using doors = await openSecureDoors({ asksForCertificate: true });
    await expectRefusal(doors.wssPort, identity);
    await doors.waitForLine(/TLS with 127\.0\.0\.1 failed: its? /);
    expect(doors.peers).toEqual([]);
  });

  test("of the server are read again", async () => {
    await using doors = await openSecureDoors();
    await using before = await connectAccepted(doors);
    await doors.files.renew();
    doors.reloadCertificates();
    const socket = await connectTls(doors.wssPort);
    expect(socket.getPeerX509Certificate()?.toString()).toBe(RENEWED_SERVER.certificate);
    socket.destroy();
    before.sendPacket({ cmd: "pingreq" });
    await before.next("pingresp");
  });
});

describe("frames", () => {
  test("of text close the connection with 1003", async () => {
    await using doors = await openSecureDoors();
    await using client = await connectAccepted(doors);
    client.send("text");
    expect(await client.closed).toBe(1003);
    await doors.broker.waitForConnections(0);
  });

  test("may hold part of a packet, several, or nothing", async () => {
    await using doors = await openSecureDoors();
    await using client = await connect(doors);
    const publish = { ...MESSAGE, payload: "in pieces", messageId: 2 };
    const bytes = [CONNECT, SUBSCRIBE, publish].map((packet) => {
      return generate(packet, { protocolVersion: 5 });
    });
    for (const byte of Buffer.concat(bytes)) client.send(Buffer.of(byte));
    expect((await client.next("publish")).payload.toString()).toBe("in pieces");
    client.send(new Uint8Array());
    client.send(Buffer.concat([generate({ cmd: "pingreq" }), generate({ cmd: "pingreq" })]));
    await client.next("pingresp");
    await client.next("pingresp");
  });

  test("that are malformed MQTT get DISCONNECT and then the close", async () => {
    await using doors = await openSecureDoors();
    await using client = await connectAccepted(doors);
    client.send(Buffer.from("300361002b", "hex"));
    expect((await client.next("disconnect")).reasonCode).toBe(0x81);
    await client.closed;
    await doors.broker.waitForConnections(0);
  });

  test("that are no frames end only their connection", async () => {
    await using doors = await openSecureDoors();
    await using witness = await connectAccepted(doors);
    const socket = await connectTls(doors.wssPort);
    socket.write(toRequest("/mqtt"));
    await new Promise((resolve) => socket.once("data", resolve));
    socket.write(Buffer.from("8205aabbccddee", "hex")); // Not masked (RFC 6455 section 5.1).
    await waitForClose(socket);
    witness.sendPacket({ cmd: "pingreq" });
    await witness.next("pingresp");
  });

  test("sent right before the close are published", async () => {
    await using doors = await openSecureDoors();
    const client = await connectAccepted(doors);
    const payloads = Array.from({ length: 2_000 }, (_, at) => String(at).padEnd(5_000));
    for (const [at, payload] of payloads.entries()) {
      client.sendPacket({ ...MESSAGE, payload, messageId: at + 1 });
    }
    client.sendPacket({ cmd: "disconnect" });
    client.close();
    await client.closed;
    await doors.broker.waitForConnections(0);
    expect(payloadsOf(doors.broker.published)).toEqual(payloads);
  });
});

test("a client that goes without a word has its will published", async () => {
  await using doors = await openSecureDoors();
  const client = await connect(doors);
  const will = { topic: "will", payload: Buffer.from("gone"), qos: 0, retain: false } as const;
  client.sendPacket({ ...CONNECT, will });
  await client.next("connack");
  await client[Symbol.asyncDispose]();
  await doors.broker.waitForConnections(0);
  await using other = await doors.broker.connect("other"); // So that the will is behind us.
  expect(other.packets).toHaveLength(1);
  expect(payloadsOf(doors.broker.published)).toEqual(["gone"]);
});
