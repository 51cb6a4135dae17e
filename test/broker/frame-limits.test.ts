// Frames of WebSocket that are larger than packets need: they would wait in memory until they are
// whole, those of strangers too.

import { describe, expect, test } from "bun:test";
import { generate } from "mqtt-packet";
import { AUTHORITY } from "../kit/certificates.ts";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { connectPacket } from "../kit/raw-client.ts";
import { openSecureDoors } from "../kit/secure-doors.ts";
import { connectTls, waitForClose } from "../kit/tls-files.ts";
import { connectWebSocket } from "../kit/web-socket-client.ts";

const MESSAGE = { cmd: "publish", topic: "a", qos: 1, dup: false, retain: false } as const;
const UPGRADE = [
  "GET /mqtt HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
].join("\r\n");

/** Over TLS where an authority is given. */
async function connectAccepted(port: number, ca?: string) {
  const url = `${ca === undefined ? "ws" : "wss"}://127.0.0.1:${port}/mqtt`;
  const client = await connectWebSocket(url, undefined, ca === undefined ? {} : { tls: { ca } });
  client.sendPacket(connectPacket(5, "web"));
  await client.next("connack");
  return client;
}

describe("a frame that is much larger than a packet may be", () => {
  test("closes with 1009, also before CONNECT, and the log says why", async () => {
    await using broker = await startEmbedded({ packetBytesMax: 64 << 10 });
    await using witness = await connectWitness(broker);
    await using stranger = await connectWebSocket(`ws://127.0.0.1:${broker.wsPort}/mqtt`);
    stranger.send(new Uint8Array(2 << 20));
    expect(await stranger.closed).toBe(1009);
    await broker.waitForLog(/WARN - a connection was closed: WebSocket frame too large \(--payl/);
    await using client = await connectAccepted(broker.wsPort);
    client.send(new Uint8Array(2 << 20));
    expect(await client.closed).toBe(1009);
    await broker.waitForLog(/client 'web' was closed: WebSocket frame too large/);
    await witness.check();
  });

  test("is none when it holds as many packets as a client joins", async () => {
    await using broker = await startEmbedded({ packetBytesMax: 64 << 10 });
    await using client = await connectAccepted(broker.wsPort);
    const packet = generate(
      { ...MESSAGE, qos: 0, payload: Buffer.alloc(60 << 10) },
      { protocolVersion: 5 },
    );
    client.send(Buffer.concat(Array.from({ length: 16 }, () => packet)));
    client.sendPacket({ cmd: "pingreq" });
    await client.next("pingresp");
    expect(broker.published).toHaveLength(16);
  });
});

describe("over TLS, a frame that is too large", () => {
  test("before CONNECT is answered is closed with 1009 before it is whole", async () => {
    await using doors = await openSecureDoors();
    const socket = await connectTls(doors.wssPort);
    socket.write(`${UPGRADE}\r\n\r\n`);
    await new Promise((resolve) => socket.once("data", resolve));
    const answer: Buffer[] = [];
    socket.on("data", (bytes) => answer.push(Buffer.from(bytes)));
    // A masked binary frame of 1 MB, which the door's own limit would let in, and a third of it.
    socket.write(Buffer.from("82ff00000000000f424000000000", "hex"));
    socket.write(Buffer.alloc(333_333));
    await waitForClose(socket);
    const [head, code] = [Buffer.concat(answer)[0], Buffer.concat(answer).readUInt16BE(2)];
    expect({ head, code }).toEqual({ head: 0x88, code: 1009 });
    await doors.broker.waitForLog(/WARN - a connection was closed: WebSocket frame too large/);
  });

  test("for a packet is closed with 1009; one of 1 MB is none", async () => {
    await using doors = await openSecureDoors();
    await using client = await connectAccepted(doors.wssPort, AUTHORITY);
    client.sendPacket({ ...MESSAGE, payload: Buffer.alloc(1_000_000), messageId: 1 });
    await client.next("puback");
    client.send(new Uint8Array(3 << 20));
    expect(await client.closed).toBe(1009);
    await doors.broker.waitForLog(/client 'web' was closed: WebSocket frame too large/);
  });
});
