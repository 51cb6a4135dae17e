// Bytes do not come in packets: all at once, one by one, too soon, or not at all.

import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { generate } from "mqtt-packet";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { connectBytes, field, integer16, packetBytes } from "../kit/packet-bytes.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";

describe.each([3, 4, 5] as const)("MQTT version %p", (version) => {
  const bytesOf = (packet: Parameters<typeof generate>[0]) => {
    return generate(packet, { protocolVersion: version });
  };
  const connect = connectPacket(version, "framed");
  const subscriptions = [{ topic: "a", qos: 1 as const }];
  const subscribe = { cmd: "subscribe", messageId: 1, subscriptions } as const;
  const publish = { cmd: "publish", topic: "a", payload: "x", dup: false, retain: false } as const;

  test("CONNECT, SUBSCRIBE and PUBLISH in one segment are all answered", async () => {
    await using broker = await startEmbedded();
    await using client = await connectRaw(broker.port, { version });
    const all = [connect, subscribe, { ...publish, qos: 1 as const, messageId: 2 }];
    client.send(Buffer.concat(all.map(bytesOf)));
    const waitFor = ["connack", "suback", "puback", "publish"] as const;
    for (const cmd of waitFor) expect((await client.next(cmd)).cmd).toBe(cmd);
  });

  test("a CONNECT in pieces of one byte is as good as a whole one", async () => {
    await using broker = await startEmbedded();
    await using client = await connectRaw(broker.port, { version });
    for (const byte of bytesOf(connect)) {
      client.send(Buffer.of(byte));
      await nextTurn(); // Each in a segment of its own.
    }
    await client.next("connack");
  });

  test("a PUBLISH in pieces of one byte arrives whole", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("framed", { version });
    client.sendPacket(subscribe);
    await client.next("suback");
    for (const byte of bytesOf({ ...publish, qos: 0 })) {
      client.send(Buffer.of(byte));
      await nextTurn();
    }
    expect((await client.next("publish")).payload.toString()).toBe("x");
  });

  test("a packet before CONNECT closes the connection", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    for (const packet of [subscribe, { ...publish, qos: 0 as const }]) {
      await using client = await connectRaw(broker.port, { version });
      client.sendPacket(packet);
      await client.closed;
      expect(client.packets).toEqual([]);
    }
    await broker.waitForLog(/a connection was closed: Invalid protocol/);
    await witness.check();
  });

  test("a second CONNECT in one segment with the first closes the connection", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await connectRaw(broker.port, { version });
    client.send(Buffer.concat([bytesOf(connect), bytesOf(connect)]));
    await client.closed;
    await broker.waitForLog(/packet refused: unexpected connect/);
    await witness.check();
  });
});

test("a connection without a whole CONNECT is closed when its time is up", async () => {
  await using broker = await startEmbedded({ connectTimeoutMs: 100 });
  await using witness = await connectWitness(broker);
  await using silent = await connectRaw(broker.port);
  await using slow = await connectRaw(broker.port);
  slow.send(connectBytes({}).subarray(0, 5));
  await Promise.all([silent.closed, slow.closed]);
  expect(silent.packets).toEqual([]);
  await broker.waitForLog(/WARN - a connection was closed: connect did not arrive in time/);
  await witness.check();
});

test("hundreds of connections that are reset at once leave nothing behind", async () => {
  await using broker = await startEmbedded();
  await using witness = await connectWitness(broker);
  const resets = Array.from({ length: 300 }, async (_, at) => {
    const socket = connectSocket(broker.port, "127.0.0.1");
    await once(socket, "connect");
    if (at % 2 === 0) socket.write(connectBytes({ version: 4, clientId: `reset-${at}` }));
    socket.resetAndDestroy();
    await once(socket, "close");
  });
  await Promise.all(resets);
  await broker.waitForConnections(1);
  await witness.check();
});

test("acknowledgements of what was never sent do no harm", async () => {
  await using broker = await startEmbedded();
  await using witness = await connectWitness(broker);
  for (const [type, answer] of [[0x40], [0x50, "pubrel"], [0x62, "pubcomp"], [0x70]] as const) {
    await using client = await broker.connect("client");
    client.send(packetBytes(type, integer16(7)));
    if (answer) expect((await client.next(answer)).messageId).toBe(7);
    client.send("c0 00");
    await client.next("pingresp");
  }
  await witness.check();
});

test("a packet that claims more bytes than it sends holds nobody up", async () => {
  await using broker = await startEmbedded();
  await using witness = await connectWitness(broker);
  await using client = await broker.connect("client");
  client.send(packetBytes(0x30, field("a"), [0], "0123456789").subarray(0, 8));
  await witness.check();
  client.destroy();
  await broker.waitForLog(/client 'client' left/);
  expect(broker.published.map(({ topic }) => topic)).not.toContain("a");
});
