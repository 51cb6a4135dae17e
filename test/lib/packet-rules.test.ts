// The rules alone, on packets as mqtt-packet parses them. What a broker makes of it is in
// test/broker/malformed-*.test.ts.

import { describe, expect, test } from "bun:test";
import { generate, type Packet, parser } from "mqtt-packet";
import { findPacketProblem } from "../../src/lib/packet-rules.ts";

const find = (packet: object) => findPacketProblem(packet as Packet);
const publish = { cmd: "publish", topic: "a", payload: "", qos: 0, dup: false, retain: false };
const userProperties = { token: "s3cret", list: ["a", "b"], empty: "", text: "two\nlines" };

const toSubscription = (topic: string) => ({ topic, qos: 1 });

const WELL_FORMED: readonly object[] = [
  { cmd: "connect", clientId: "", protocolId: "MQTT", protocolVersion: 5, clean: true },
  { cmd: "connect", clientId: "x", username: "ana", password: Buffer.from([0, 255]) },
  { cmd: "connect", clientId: "x", will: { topic: "w", payload: Buffer.of(0), qos: 2 } },
  { cmd: "connack", sessionPresent: false, reasonCode: 0, properties: { serverKeepAlive: 30 } },
  { ...publish, qos: 1, messageId: 1, dup: true },
  { ...publish, topic: "", properties: { topicAlias: 1 } },
  { ...publish, topic: "ü/漢/😀/ /$SYS" },
  { ...publish, properties: { userProperties } },
  { ...publish, properties: { correlationData: Buffer.of(0), responseTopic: "r/1" } },
  { ...publish, properties: { messageExpiryInterval: 0xffff_ffff, contentType: undefined } },
  { ...publish, properties: { subscriptionIdentifier: 7 } },
  { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a/+/#", qos: 0 }] },
  { cmd: "subscribe", messageId: 1, subscriptions: ["#", "/+", "/"].map(toSubscription) },
  { cmd: "suback", messageId: 1, granted: [0], properties: { reasonString: "one\ntwo" } },
  { cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a"] },
  { cmd: "puback", messageId: 65_535, properties: { userProperties } },
  { cmd: "pingreq" },
  { cmd: "disconnect", reasonCode: 0x8b, properties: { serverReference: "other:1883" } },
  { cmd: "auth", reasonCode: 0x18, properties: { authenticationMethod: "SCRAM" } },
];

test.each(WELL_FORMED.map((packet) => [JSON.stringify(packet), packet] as const))(
  "%s is well formed",
  (_name, packet) => {
    expect(find(packet)).toBeUndefined();
  },
);

const MALFORMED: readonly [object, string][] = [
  [{ cmd: "nonsense" }, "unknown packet type nonsense"],
  [{ cmd: "connect", clientId: "a\u0000" }, "the client id has forbidden characters"],
  [{ cmd: "connect", clientId: "a\ud800" }, "the client id has forbidden characters"],
  [{ cmd: "connect", clientId: "a", username: "\ufffd" }, "malformed user name"],
  [{ cmd: "connect", clientId: "a", will: { topic: "" } }, "bad will topic"],
  [{ cmd: "connect", clientId: "a", will: { topic: "w/#" } }, "bad will topic"],
  [{ cmd: "connect", clientId: "a", will: { topic: "w", qos: 3 } }, "bad will QoS"],
  [{ ...publish, qos: 1 }, "packet identifier 0"],
  [{ ...publish, qos: 2, messageId: 0 }, "packet identifier 0"],
  [{ ...publish, dup: true }, "DUP on QoS 0"],
  [{ ...publish, topic: "" }, "no topic"],
  [{ ...publish, topic: "a/+" }, "the topic has a wildcard"],
  [{ ...publish, topic: "a\u0007" }, "the topic has forbidden characters"],
  [{ ...publish, topic: "a\uffff" }, "the topic has forbidden characters"],
  [{ cmd: "subscribe", messageId: 0, subscriptions: [{ topic: "a" }] }, "packet identifier 0"],
  [{ cmd: "subscribe", messageId: 1, subscriptions: [] }, "no topic filter"],
  [{ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "" }] }, "malformed topic filter"],
  [{ cmd: "unsubscribe", messageId: 1, unsubscriptions: [] }, "no topic filter"],
  [{ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["#/a"] }, "malformed topic filter"],
  [{ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a#"] }, "malformed topic filter"],
  [{ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["+a"] }, "malformed topic filter"],
  [{ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a/b+/c"] }, "malformed topic filter"],
  [{ cmd: "pubrel", messageId: 0 }, "packet identifier 0"],
  [{ cmd: "pubcomp" }, "packet identifier 0"],
];

test.each(MALFORMED.map(([packet, words]) => [JSON.stringify(packet), packet, words] as const))(
  "%s is not",
  (_name, packet, words) => {
    expect(find(packet)).toBe(words);
  },
);

describe("a property is malformed", () => {
  // What mqtt-packet makes of one that is cut short (null, NaN, -1, false) or comes twice (a list).
  const broken = [null, Number.NaN, -1, 1.5, false, [1, 2], ["a", "b"], {}, "\u0000", "\ud800"];
  const numbers: [string, string][] = [
    ["connack", "serverKeepAlive"],
    ["connack", "receiveMaximum"],
    ["connack", "topicAliasMaximum"],
    ["connack", "maximumPacketSize"],
    ["connack", "sessionExpiryInterval"],
    ["connect", "sessionExpiryInterval"],
    ["disconnect", "sessionExpiryInterval"],
    ["publish", "messageExpiryInterval"],
    ["publish", "topicAlias"],
  ];
  test.each(numbers)("%s: %s, when it is no number in its range", (cmd, name) => {
    for (const value of [...broken, 0x1_0000_0000, "1"]) {
      const properties = { [name]: value };
      expect(find({ ...publish, cmd, properties })).toBe(`property ${name} is malformed`);
    }
  });

  const texts: [string, string][] = [
    ["publish", "responseTopic"],
    ["publish", "contentType"],
    ["connack", "assignedClientIdentifier"],
    ["connack", "reasonString"],
    ["connack", "serverReference"],
    ["auth", "authenticationMethod"],
  ];
  test.each(texts)("%s: %s, when it is no text", (cmd, name) => {
    for (const value of [...broken, 1, Buffer.from("a")]) {
      const properties = { [name]: value };
      expect(find({ ...publish, cmd, properties })).toBe(`property ${name} is malformed`);
    }
  });

  test("and so are flags, bytes and user properties of another type", () => {
    const all = {
      payloadFormatIndicator: [1, null, "true"],
      correlationData: ["text", null, [Buffer.of(1), Buffer.of(2)]],
      responseTopic: ["a/+", "#", "a\u001b"],
      userProperties: [null, [], "x", { a: null }, { a: [null] }, { "\u0000": "x" }, { a: "\0" }],
    };
    for (const [name, values] of Object.entries(all)) {
      for (const value of values) {
        const properties = { [name]: value };
        expect(find({ ...publish, properties })).toBe(`property ${name} is malformed`);
      }
    }
  });

  test("or not allowed in this packet", () => {
    const found = (cmd: string, name: string, value: unknown) => {
      return find({ ...publish, cmd, messageId: 1, properties: { [name]: value } });
    };
    expect(found("publish", "willDelayInterval", 1)).toBe(
      "property willDelayInterval is not allowed here",
    );
    expect(found("puback", "topicAlias", 1)).toBe("property topicAlias is not allowed here");
    expect(found("pingreq", "reasonString", "x")).toBe("property reasonString is not allowed here");
    const will = { topic: "w", properties: { topicAlias: 1 } };
    expect(find({ cmd: "connect", clientId: "a", will })).toBe(
      "property topicAlias is not allowed here",
    );
  });
});

test("what mqtt-packet writes and reads again is well formed", () => {
  for (const packet of WELL_FORMED as Packet[]) {
    if (packet.cmd === "connect") continue; // It would set the parser's version.
    const parse = parser({ protocolVersion: 5 });
    const read: Packet[] = [];
    parse.on("packet", (again) => read.push(again));
    parse.parse(generate(packet, { protocolVersion: 5 }));
    expect(read.map(findPacketProblem)).toEqual([undefined]);
  }
});
