// CONNECT packets that are wrong: the connection is closed. CONNACK says why where it has a code
// for it: MQTT 5 always, MQTT 3.1.1 for a version or a client id.

import { describe, expect, test } from "bun:test";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import {
  type ConnectParts,
  connectBytes,
  field,
  packetBytes,
  propertyList,
} from "../kit/packet-bytes.ts";
import { connectRaw } from "../kit/raw-client.ts";

const CLEAN = 0x02;
const WILL = 0x06;
const USER = 0x82;
const BAD_NAMES = {
  NUL: Buffer.from("a\0b"),
  "a control character": Buffer.from("a\u001bb"),
  "bad UTF-8": Buffer.from([0x61, 0xc3, 0x28]),
  "half a surrogate pair": Buffer.from([0x61, 0xed, 0xa0, 0x80]),
};

const will = (topic: string | Uint8Array, ...properties: (readonly number[])[]): ConnectParts => {
  return { flags: WILL, rest: [propertyList(...properties), field(topic), field("gone")] };
};
const will4 = (topic: string | Uint8Array, flags = WILL): ConnectParts => {
  return { version: 4, flags, rest: [field(topic), field("gone")] };
};

const names = Object.entries(BAD_NAMES).flatMap(([name, bytes]): [string, ConnectParts][] => [
  [`${name} in the client id`, { clientId: bytes }],
  [`${name} in the client id of 3.1.1`, { version: 4, clientId: bytes }],
  [`${name} in the user name`, { flags: USER, rest: [field(bytes)] }],
  [`${name} in the will topic`, will(bytes)],
  [`${name} in the will topic of 3.1.1`, will4(bytes)],
]);

const fields: [string, ConnectParts][] = [
  ["a wildcard in the will topic", will("a/+")],
  ["# as the will topic", will4("#")],
  ["an empty will topic", will("")],
  ["a will topic of 150 levels", will("a/".repeat(149))],
  ["a will with QoS 3", { ...will("w"), flags: WILL | 0x18 }],
  ["a will with QoS 3 in 3.1.1", will4("w", WILL | 0x18)],
  ["a will's QoS without a will", { flags: CLEAN | 0x08 }],
  ["a will's retain without a will", { flags: CLEAN | 0x20 }],
  ["the reserved flag", { flags: CLEAN | 0x01 }],
  ["a will delay cut short", will("w", [0x18, 0, 0])],
  ["a will delay twice", will("w", [0x18, 0, 0, 0, 1], [0x18, 0, 0, 0, 1])],
  ["a will with a topic alias", will("w", [0x23, 0, 1])],
  ["a will with a wildcard in its response topic", will("w", [0x08, 0, 1, 0x23])],
  ["a session expiry cut short", { properties: [0x11, 0, 0] }],
  ["a session expiry twice", { properties: [0x11, 0, 0, 0, 9, 0x11, 0, 0, 0, 9] }],
  ["a receive maximum cut short", { properties: [0x21, 0] }],
  ["a maximum packet size of 0", { properties: [0x27, 0, 0, 0, 0] }],
  ["a topic alias, a property of PUBLISH", { properties: [0x23, 0, 1] }],
  ["a server keep alive, a property of CONNACK", { properties: [0x13, 0, 1] }],
  ["more bytes than it should have", { rest: ["more"] }],
  ["no user name though its flag says so", { flags: USER }],
  ["a client id that is longer than the packet", { rest: [], clientId: field("x", 0xffff) }],
];

describe("a connection is closed for a CONNECT with", () => {
  test.each([...names, ...fields])("%s", async (_name, parts) => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await connectRaw(broker.port, { version: parts.version ?? 5 });
    client.send(connectBytes(parts));
    await client.closed;
    const codes = client.packets.flatMap((packet) => {
      return packet.cmd === "connack" ? [packet.reasonCode ?? 0] : [];
    });
    expect(codes).toHaveLength(parts.version === 4 ? 0 : 1);
    if (parts.version !== 4) expect([0x81, 0x82, 0x90]).toContain(codes[0] ?? 0);
    await broker.waitForLog(/WARN - a connection was closed: packet refused: /);
    await witness.check();
  });

  test.each([
    [
      "an unknown name of the protocol",
      packetBytes(0x10, field("HTTP"), [4, 2, 0, 60], field("x")),
    ],
    ["an unknown version", packetBytes(0x10, field("MQTT"), [6, 2, 0, 60], field("x"))],
    ["nothing in it", packetBytes(0x10)],
  ])("%s", async (_name, bytes) => {
    await using broker = await startEmbedded();
    await using client = await connectRaw(broker.port);
    client.send(bytes);
    await client.closed;
    await broker.waitForLog(/WARN - a connection was closed: packet refused: /);
  });
});

test("CONNACK says why for what is well formed and yet impossible", async () => {
  await using broker = await startEmbedded();
  const answerTo = async (parts: ConnectParts) => {
    await using client = await connectRaw(broker.port, { version: parts.version ?? 5 });
    client.send(connectBytes(parts));
    const { reasonCode, returnCode } = await client.next("connack");
    await client.closed;
    return reasonCode ?? returnCode;
  };
  expect(await answerTo({ properties: [0x21, 0, 0] })).toBe(0x82); // Receive Maximum 0.
  expect(await answerTo({ properties: [0x15, ...field("SCRAM")] })).toBe(0x8c);
  expect(await answerTo({ properties: [0x16, ...field("data")] })).toBe(0x82);
  // [MQTT-3.1.3-8] no client id, and yet a session to come back to.
  expect(await answerTo({ version: 4, flags: 0, clientId: "" })).toBe(2);
});
