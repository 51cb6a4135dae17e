// Every rule for what a client sends after CONNECT, in bytes. What the broker then does is in
// test/broker/.

import { describe, expect, test } from "bun:test";
import { findFrameProblem } from "../../src/lib/frame-rules.ts";
import { type BadFrame, type GoodFrame, testAccepted, testRefused } from "../kit/frame-problems.ts";
import { field, integer16, packetBytes, propertyList } from "../kit/packet-bytes.ts";

const NONE = propertyList();
const ONE = integer16(1);
const publish4 = (topic: string | Uint8Array) => packetBytes(0x30, field(topic), "x");
const publish5 = (topic: string | Uint8Array) => packetBytes(0x30, field(topic), NONE, "x");
const bytes = (...list: number[]) => Buffer.from(list);

/** What no name may hold, and how it is called. */
const BAD_NAMES: readonly [string, Uint8Array, string][] = [
  ["NUL [MQTT-1.5.4-2]", Buffer.from("a\0b"), "NUL"],
  ["half a surrogate pair [MQTT-1.5.4-1]", bytes(0x61, 0xed, 0xa0, 0x80), "not UTF-8"],
  ["the other half", bytes(0xed, 0xbf, 0xbf), "not UTF-8"],
  ["a cut character", bytes(0x61, 0xc3), "not UTF-8"],
  ["a continuation alone", bytes(0x80, 0x61), "not UTF-8"],
  ["an over-long NUL", bytes(0xc0, 0x80), "not UTF-8"],
  ["more than Unicode has", bytes(0xf4, 0x90, 0x80, 0x80), "not UTF-8"],
  ["U+0001", Buffer.from("a\u0001"), "forbidden"],
  ["U+001F", Buffer.from("a\u001f"), "forbidden"],
  ["U+007F", Buffer.from("a\u007f"), "forbidden"],
  ["U+0080", Buffer.from("a\u0080"), "forbidden"],
  ["U+009F", Buffer.from("ü\u009fü"), "forbidden"],
  ["U+FFFD", Buffer.from("a\ufffd"), "forbidden"],
  ["U+FFFE", Buffer.from("\ufffea"), "forbidden"],
  ["U+FFFF", Buffer.from("a\uffff"), "forbidden"],
];

describe("PUBLISH is refused with", () => {
  const rows: BadFrame[] = [
    ["QoS 3 [MQTT-3.3.1-4]", 5, packetBytes(0x36, field("a"), ONE, NONE), 0x81, "QoS 3"],
    ["QoS 3 [MQTT-3.3.1-4]", 4, packetBytes(0x36, field("a"), ONE), 0x81, "QoS 3"],
    ["DUP on QoS 0 [MQTT-3.3.1-2]", 5, packetBytes(0x38, field("a"), NONE), 0x81, "DUP on QoS 0"],
    ["DUP on QoS 0 [MQTT-3.3.1-2]", 4, packetBytes(0x38, field("a")), 0x81, "DUP on QoS 0"],
    [
      "packet id 0, QoS 1 [MQTT-2.2.1-3]",
      5,
      "32 06 00 01 61 00 00 00",
      0x82,
      "packet identifier 0",
    ],
    ["packet id 0, QoS 2 [MQTT-2.2.1-3]", 4, "34 05 00 01 61 00 00", 0x82, "packet identifier 0"],
    ["half a packet id", 4, "32 04 00 01 61 01", 0x81, "cut short"],
    ["no topic and no alias (section 3.3.2.1)", 5, publish5(""), 0x82, "no topic"],
    ["no topic [MQTT-4.7.3-1]", 4, publish4(""), 0x81, "no topic"],
    ["a topic longer than it", 4, "30 03 00 02 61", 0x81, "longer than the packet"],
    ["one byte", 4, "30 01 00", 0x81, "cut short"],
    ["nothing in it", 4, "30 00", 0x81, "cut short"],
    ["+ in the topic [MQTT-3.3.2-2]", 5, publish5("a/+"), 0x81, "wildcard"],
    ["# in the topic [MQTT-3.3.2-2]", 4, publish4("#"), 0x81, "wildcard"],
    ["no property list [MQTT-2.2.2-1]", 5, packetBytes(0x30, field("a")), 0x81, "cut short"],
    ["a property list longer than it", 5, "30 06 00 01 61 7f 01 01", 0x81, "list is longer"],
    ["text that is none, marked as text", 5, "30 07 00 01 61 02 01 01 ff", 0x99, "not UTF-8"],
    [
      "a length of more bytes than it needs [MQTT-1.5.5-1]",
      5,
      "30 84 00 00 01 61 00",
      0x81,
      "length",
    ],
  ];
  testRefused(rows);
  testRefused(BAD_NAMES.map(([name, topic, words]) => [name, 5, publish5(topic), 0x81, words]));
  testRefused(BAD_NAMES.map(([name, topic, words]) => [name, 4, publish4(topic), 0x81, words]));
});

describe("PUBLISH is taken with", () => {
  const rows: GoodFrame[] = [
    ["QoS 0", 5, publish5("a/b")],
    ["QoS 0", 4, publish4("a/b")],
    ["QoS 0", 3, publish4("a/b")],
    ["QoS 1, DUP and retain", 4, packetBytes(0x3b, field("a"), ONE)],
    ["QoS 2 and no payload", 5, packetBytes(0x34, field("a"), ONE, NONE)],
    ["an alias in place of a topic", 5, packetBytes(0x30, field(""), [3, 0x23, 0, 1], "x")],
    ["a topic of many scripts", 5, publish5("ü/漢/😀/\u00a0/\ud7ff\ue000")],
    ["an empty level, a space and a $", 4, publish4("/ //$x")],
    ["U+FFFC, which is beside the forbidden ones", 4, publish4("\ufffc")],
    ["a payload of any bytes", 4, packetBytes(0x30, field("a"), [0, 0xff, 0xed, 0xa0])],
    ["a payload of any bytes, marked as bytes", 5, "30 07 00 01 61 02 01 00 ff"],
    ["text that is marked as text", 5, packetBytes(0x30, field("a"), [2, 1, 1], "ü\0")],
    ["a length of 128", 4, packetBytes(0x30, field("a"), Buffer.alloc(125))],
    ["a padded length, which MQTT 3.1.1 has no rule for", 4, "30 83 00 00 01 61"],
  ];
  testAccepted(rows);
});

describe("acknowledgements are refused with", () => {
  const types: readonly [string, number, number, number][] = [
    ["PUBACK", 0x40, 0x10, 0x92],
    ["PUBREC", 0x50, 0x99, 0x92],
    ["PUBREL", 0x62, 0x92, 0x10],
    ["PUBCOMP", 0x70, 0x92, 0x80],
  ];
  for (const [name, type, , badCode] of types) {
    const flags = [1, 2, 4, 8].map((bit): BadFrame => {
      const first = type ^ bit;
      return [
        `${name} 0x${first.toString(16)} [MQTT-2.1.3-1]`,
        4,
        packetBytes(first, ONE),
        0x81,
        "flags",
      ];
    });
    testRefused([
      ...flags,
      [`${name}: packet id 0`, 5, packetBytes(type, integer16(0)), 0x82, "packet identifier 0"],
      [`${name}: packet id 0`, 4, packetBytes(type, integer16(0)), 0x82, "packet identifier 0"],
      [`${name}: nothing in it`, 4, packetBytes(type), 0x81, "cut short"],
      [`${name}: half a packet id`, 5, packetBytes(type, [1]), 0x81, "cut short"],
      [`${name}: a reason code of MQTT 5`, 4, packetBytes(type, ONE, [0]), 0x81, "wrong length"],
      [`${name}: another's reason code`, 5, packetBytes(type, ONE, [badCode]), 0x82, "reason code"],
      [`${name}: no reason code at all`, 5, packetBytes(type, ONE, [0xff, 0]), 0x82, "reason code"],
      [`${name}: bytes behind it`, 5, packetBytes(type, ONE, [0, 0, 0]), 0x81, "wrong length"],
      [`${name}: a list longer than it`, 5, packetBytes(type, ONE, [0, 1]), 0x81, "longer"],
    ]);
  }
});

describe("acknowledgements are taken with", () => {
  const codes: readonly [string, number, readonly number[]][] = [
    ["PUBACK", 0x40, [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]],
    ["PUBREC", 0x50, [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]],
    ["PUBREL", 0x62, [0x00, 0x92]],
    ["PUBCOMP", 0x70, [0x00, 0x92]],
  ];
  for (const [name, type, allowed] of codes) {
    testAccepted([
      [`${name}: a packet id`, 4, packetBytes(type, integer16(65_535))],
      [`${name}: a packet id`, 5, packetBytes(type, ONE)],
      [`${name}: an empty list`, 5, packetBytes(type, ONE, [0, 0])],
      [`${name}: a reason`, 5, packetBytes(type, ONE, [0], propertyList([0x1f], field("x")))],
    ]);
    test(`${name}: each of its reason codes, and no other`, () => {
      const taken = Array.from({ length: 256 }, (_, code) => code).filter((code) => {
        return !findFrameProblem(packetBytes(type, ONE, [code]), 5);
      });
      expect(taken).toEqual([...allowed]);
    });
  }
  testAccepted([["PUBREL with DUP, which MQTT 3.1 has", 3, "6a 02 00 01"]]);
});

describe("PINGREQ, DISCONNECT and what a client never sends:", () => {
  testRefused([
    ["PINGREQ with a body", 4, "c0 01 00", 0x81, "body"],
    ["PINGREQ with a body", 5, "c0 01 00", 0x81, "body"],
    ["PINGREQ with flags [MQTT-2.1.3-1]", 5, "c1 00", 0x81, "flags of pingreq"],
    ["DISCONNECT with flags [MQTT-3.14.1-1]", 5, "e1 00", 0x81, "flags of disconnect"],
    ["DISCONNECT with flags [MQTT-3.14.1-1]", 4, "e8 00", 0x81, "flags of disconnect"],
    ["DISCONNECT with a body", 4, "e0 01 00", 0x81, "body"],
    ["DISCONNECT with an unknown code [MQTT-3.14.2-1]", 5, "e0 01 05", 0x82, "reason code 5"],
    ["DISCONNECT with a server's code", 5, "e0 01 8b", 0x82, "reason code 139"],
    ["DISCONNECT with bytes behind it", 5, "e0 03 00 00 00", 0x81, "wrong length"],
    ["a packet of type 0", 5, "00 00", 0x82, "unexpected packet of type 0"],
    ["CONNACK", 5, "20 03 00 00 00", 0x82, "unexpected connack"],
    ["SUBACK", 5, "90 04 00 01 00 00", 0x82, "unexpected suback"],
    ["UNSUBACK", 5, "b0 04 00 01 00 00", 0x82, "unexpected unsuback"],
    ["PINGRESP", 4, "d0 00", 0x82, "unexpected pingresp"],
    ["AUTH without a method [MQTT-4.12.0-7]", 5, "f0 02 18 00", 0x82, "unexpected auth"],
    ["AUTH, a type that MQTT 3.1.1 has not", 4, "f0 00", 0x82, "unexpected auth"],
  ]);
  testAccepted([
    ["PINGREQ", 4, "c0 00"],
    ["PINGREQ with flags, which MQTT 3.1 does not use", 3, "c8 00"],
    ["DISCONNECT", 4, "e0 00"],
    ["DISCONNECT", 5, "e0 00"],
    ["DISCONNECT with the will", 5, "e0 01 04"],
    ["DISCONNECT with an empty list", 5, "e0 02 00 00"],
  ]);

  test("DISCONNECT with each code that a client may send, and no other", () => {
    const taken = Array.from({ length: 256 }, (_, code) => code).filter((code) => {
      return !findFrameProblem(packetBytes(0xe0, [code]), 5);
    });
    const errors = [0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];
    expect(taken).toEqual([0x00, 0x04, ...errors]);
  });
});

describe("a limit of the broker", () => {
  const limits = { topicBytesMax: 20, topicLevelsMax: 3 };
  const code = (frame: Buffer) => findFrameProblem(frame, 5, limits)?.reasonCode;
  const subscribe = (filter: string) => packetBytes(0x82, ONE, NONE, field(filter), [0]);

  test("on bytes and levels is one for topics (0x90) and for filters (0x8f)", () => {
    expect(code(publish5("a/b/c"))).toBeUndefined();
    expect(code(publish5("a/b/c/d"))).toBe(0x90);
    expect(code(publish5("x".repeat(20)))).toBeUndefined();
    expect(code(publish5("x".repeat(21)))).toBe(0x90);
    expect(code(publish5("ü".repeat(11)))).toBe(0x90);
    expect(code(subscribe("a/+/#"))).toBeUndefined();
    expect(code(subscribe("a/+/b/#"))).toBe(0x8f);
    expect(code(subscribe("x".repeat(21)))).toBe(0x8f);
  });

  test("counts levels, and not what else is in a name", () => {
    expect(code(publish5("漢漢/ü/ü"))).toBeUndefined();
    expect(code(publish5("//"))).toBeUndefined();
    expect(code(publish5("///"))).toBe(0x90);
  });
});
