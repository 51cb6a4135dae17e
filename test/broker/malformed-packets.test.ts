// Packets that no client may send: they cost their sender its connection, and nobody else anything.

import { describe, expect, test } from "bun:test";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { connectBytes, field, integer16, packetBytes, propertyList } from "../kit/packet-bytes.ts";

type Bytes = readonly number[] | Uint8Array;
type Case = readonly [name: string, bytes: Uint8Array];

const NUL = Buffer.from("a\0b");
const CONTROL = Buffer.from("a\u001bb");
const BAD_UTF8 = Buffer.from([0x61, 0xc3, 0x28]);
const SURROGATE = Buffer.from([0x61, 0xed, 0xa0, 0x80]);
const BAD_TEXTS = { NUL, BAD_UTF8, SURROGATE };
const BAD_NAMES = { ...BAD_TEXTS, CONTROL };

/** A version 5 PUBLISH with QoS 0 to `a`, with this as the body of its property list. */
const publishWith = (...properties: Bytes[]) => {
  return packetBytes(0x30, field("a"), propertyList(...properties), "payload");
};
const subscribeTo = (filter: Bytes) => {
  return packetBytes(0x82, integer16(1), propertyList(), field(Buffer.from(filter)), [0]);
};

/** Each property of MQTT 5 with a right value. */
const PROPERTIES: Record<string, Bytes> = {
  payloadFormatIndicator: [0x01, 1],
  messageExpiryInterval: [0x02, 0, 0, 0, 9],
  contentType: [0x03, ...field("t")],
  responseTopic: [0x08, ...field("r")],
  correlationData: [0x09, ...field("c")],
  subscriptionIdentifier: [0x0b, 7],
  sessionExpiryInterval: [0x11, 0, 0, 0, 9],
  assignedClientIdentifier: [0x12, ...field("i")],
  serverKeepAlive: [0x13, 0, 9],
  authenticationMethod: [0x15, ...field("m")],
  authenticationData: [0x16, ...field("d")],
  requestProblemInformation: [0x17, 1],
  willDelayInterval: [0x18, 0, 0, 0, 9],
  requestResponseInformation: [0x19, 1],
  responseInformation: [0x1a, ...field("i")],
  serverReference: [0x1c, ...field("r")],
  reasonString: [0x1f, ...field("r")],
  receiveMaximum: [0x21, 0, 9],
  topicAliasMaximum: [0x22, 0, 9],
  topicAlias: [0x23, 0, 1],
  maximumQoS: [0x24, 1],
  retainAvailable: [0x25, 1],
  userProperties: [0x26, ...field("k"), ...field("v")],
  maximumPacketSize: [0x27, 0, 0, 1, 0],
  wildcardSubscriptionAvailable: [0x28, 1],
  subscriptionIdentifiersAvailable: [0x29, 1],
  sharedSubscriptionAvailable: [0x2a, 1],
};
const IN_PUBLISH =
  "payloadFormatIndicator messageExpiryInterval contentType responseTopic correlationData " +
  "topicAlias userProperties";
const publishable = new Set(IN_PUBLISH.split(" "));

function toPropertyCases(): Case[] {
  return Object.entries(PROPERTIES).flatMap(([name, bytes]): Case[] => {
    if (!publishable.has(name)) return [[`a PUBLISH with ${name}`, publishWith(bytes)]];
    const cut = bytes.slice(0, -1);
    const truncated: Case[] = [
      [`a PUBLISH with ${name} cut short`, publishWith(cut)],
      [`a PUBLISH that ends in ${name}`, packetBytes(0x30, field("a"), propertyList(cut))],
    ];
    if (name === "userProperties") return truncated; // This one may stand several times.
    return [...truncated, [`a PUBLISH with ${name} twice`, publishWith(bytes, bytes)]];
  });
}

const badNames = Object.entries(BAD_NAMES).flatMap(([name, text]): Case[] => [
  [`a PUBLISH with ${name} in its topic`, packetBytes(0x30, field(text), propertyList())],
  [`a PUBLISH with ${name} in its response topic`, publishWith([0x08], field(text))],
  [`a SUBSCRIBE with ${name} in its filter`, subscribeTo(text)],
]);
const badTexts = Object.entries(BAD_TEXTS).flatMap(([name, text]): Case[] => [
  [`a PUBLISH with ${name} in its content type`, publishWith([0x03], field(text))],
  [`a PUBLISH with ${name} in a property's name`, publishWith([0x26], field(text), field("v"))],
  [`a PUBLISH with ${name} in a property's value`, publishWith([0x26], field("k"), field(text))],
]);

const badFields: Case[] = [
  ["a PUBLISH with an over-long response topic", publishWith([0x08], field("r", 0xffff))],
  ["a PUBLISH whose list is longer than it", packetBytes(0x30, field("a"), [0x7f, 0x01, 1])],
  ["a PUBLISH without a property list", packetBytes(0x30, field("a"))],
  ["a PUBLISH with a property that nobody knows", publishWith([0x7e, 1])],
  ["a PUBLISH with a wildcard in its topic", packetBytes(0x30, field("a/+"), propertyList())],
  ["a PUBLISH with # in its topic", packetBytes(0x30, field("#"), propertyList())],
  ["a PUBLISH with a wildcard in its response topic", publishWith([0x08], field("r/#"))],
  ["a PUBLISH without topic or alias", packetBytes(0x30, field(""), propertyList())],
  ["a PUBLISH with an over-long topic", packetBytes(0x30, field("a", 9), propertyList())],
  ["a PUBLISH with DUP and QoS 0", packetBytes(0x38, field("a"), propertyList())],
  ["a PUBLISH with QoS 3", packetBytes(0x36, field("a"), integer16(1), propertyList())],
  ["a PUBLISH with packet id 0", packetBytes(0x32, field("a"), integer16(0), propertyList())],
  ["a PUBLISH of one byte", packetBytes(0x30, [0])],
  ["a SUBSCRIBE with packet id 0", packetBytes(0x82, integer16(0), [0], field("a"), [0])],
  ["a SUBSCRIBE without filter", packetBytes(0x82, integer16(1), [0])],
  ["a SUBSCRIBE with an empty filter", subscribeTo([])],
  ["a SUBSCRIBE with # in the middle", subscribeTo(Buffer.from("a/#/b"))],
  ["a SUBSCRIBE with + beside text", subscribeTo(Buffer.from("a+/b"))],
  ["a SUBSCRIBE with QoS 3", packetBytes(0x82, integer16(1), [0], field("a"), [3])],
  ["a SUBSCRIBE with a wrong flag", packetBytes(0x80, integer16(1), [0], field("a"), [0])],
  ["an UNSUBSCRIBE with packet id 0", packetBytes(0xa2, integer16(0), [0], field("a"))],
  ["an UNSUBSCRIBE without filter", packetBytes(0xa2, integer16(1), [0])],
  ["a PUBACK with packet id 0", packetBytes(0x40, integer16(0))],
  ["a PUBACK of one byte", packetBytes(0x40, [1])],
  ["a PUBREL with packet id 0", packetBytes(0x62, integer16(0))],
  ["a PUBREC with an unknown reason code", packetBytes(0x50, integer16(1), [0x05, 0])],
  ["a PINGREQ with a body", packetBytes(0xc0, [0])],
  ["a CONNACK", packetBytes(0x20, [0, 0, 0])],
  ["a SUBACK", packetBytes(0x90, integer16(1), [0, 0])],
  ["a PINGRESP", packetBytes(0xd0)],
  ["an AUTH", packetBytes(0xf0, [0x18, 0])],
  ["a second CONNECT", connectBytes({})],
  ["a packet of the type 0", packetBytes(0x00, [0])],
  ["a remaining length of five bytes", Buffer.from("30ffffffff01", "hex")],
];

describe("an MQTT 5 client is told and disconnected for", () => {
  test.each([...toPropertyCases(), ...badNames, ...badTexts, ...badFields])(
    "%s",
    async (_name, bytes) => {
      await using broker = await startEmbedded();
      await using witness = await connectWitness(broker);
      await using client = await broker.connect("client");
      // What comes in the same segment after a malformed packet is not acted upon.
      client.send(Buffer.concat([bytes, packetBytes(0x30, field("after"), propertyList(), "x")]));
      expect([0x81, 0x82]).toContain((await client.next("disconnect")).reasonCode ?? 0);
      await client.closed;
      expect(client.packets.map(({ cmd }) => cmd)).toEqual(["connack", "disconnect"]);
      await broker.waitForLog(/WARN - client 'client' was closed: packet refused: /);
      await witness.check();
      expect(broker.published.map(({ topic }) => topic)).not.toContain("after");
    },
  );
});

const version4: Case[] = [
  ["NUL in the topic", packetBytes(0x30, field(NUL), "x")],
  ["bad UTF-8 in the topic", packetBytes(0x30, field(BAD_UTF8), "x")],
  ["a control character in the topic", packetBytes(0x30, field(CONTROL), "x")],
  ["a wildcard in the topic", packetBytes(0x30, field("a/#"), "x")],
  ["no topic", packetBytes(0x30, field(""), "x")],
  ["packet id 0", packetBytes(0x32, field("a"), integer16(0), "x")],
  ["DUP on QoS 0", packetBytes(0x38, field("a"), "x")],
  ["QoS 3", packetBytes(0x36, field("a"), integer16(1), "x")],
  ["a SUBSCRIBE with the options of MQTT 5", packetBytes(0x82, integer16(1), field("a"), [0x04])],
  ["a SUBSCRIBE without filter", packetBytes(0x82, integer16(1))],
  ["a PUBACK with a reason code", packetBytes(0x40, integer16(1), [0])],
  ["a PINGREQ with a body", packetBytes(0xc0, [0])],
  ["an AUTH", packetBytes(0xf0, [0x18, 0])],
  ["a second CONNECT", connectBytes({ version: 4 })],
];

describe("an MQTT 3.1.1 client is closed for", () => {
  test.each(version4)("%s", async (_name, bytes) => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await broker.connect("client", { version: 4 });
    client.send(Buffer.concat([bytes, packetBytes(0x30, field("after"), "x")]));
    await client.closed;
    expect(client.packets.map(({ cmd }) => cmd)).toEqual(["connack"]);
    await broker.waitForLog(/WARN - client 'client' was closed: packet refused: /);
    await witness.check();
    expect(broker.published.map(({ topic }) => topic)).not.toContain("after");
  });
});
