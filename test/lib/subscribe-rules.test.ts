// Every rule for SUBSCRIBE and UNSUBSCRIBE, in bytes.

import { describe } from "bun:test";
import { type BadFrame, testAccepted, testRefused } from "../kit/frame-problems.ts";
import { field, integer16, packetBytes, propertyList } from "../kit/packet-bytes.ts";

const NONE = propertyList();
const ONE = integer16(1);
const subscribe4 = (filter: string | Uint8Array, options = 0) => {
  return packetBytes(0x82, ONE, field(filter), [options]);
};
const subscribe5 = (filter: string | Uint8Array, options = 0) => {
  return packetBytes(0x82, ONE, NONE, field(filter), [options]);
};
const unsubscribe4 = (filter: string | Uint8Array) => packetBytes(0xa2, ONE, field(filter));
const unsubscribe5 = (filter: string | Uint8Array) => packetBytes(0xa2, ONE, NONE, field(filter));

/** The length of the second filter is 0x2f00, and 0x2f is a slash. */
const beforeSlash = packetBytes(0xa2, ONE, NONE, field("$share"), field("x".repeat(0x2f00)));

const BAD_FILTERS: readonly [string, string | Uint8Array, string][] = [
  ["an empty filter [MQTT-4.7.3-1]", "", "empty topic filter"],
  ["# that is not the last level [MQTT-4.7.1-1]", "a/#/b", "malformed topic filter"],
  ["# first of several [MQTT-4.7.1-1]", "#/a", "malformed topic filter"],
  ["# behind text [MQTT-4.7.1-1]", "a#", "malformed topic filter"],
  ["# twice", "a/##", "malformed topic filter"],
  ["+ behind text [MQTT-4.7.1-2]", "a/b+", "malformed topic filter"],
  ["+ before text [MQTT-4.7.1-2]", "+a/b", "malformed topic filter"],
  ["+ twice in a level", "a/++", "malformed topic filter"],
  ["NUL [MQTT-1.5.4-2]", Buffer.from("a\0"), "NUL"],
  ["a surrogate [MQTT-3.8.3-1], [MQTT-3.10.3-1]", Buffer.from("61eda080", "hex"), "not UTF-8"],
  ["a control character", Buffer.from("a\u001b"), "forbidden"],
];
const BAD_SHARES: readonly [string, string][] = [
  ["no name [MQTT-4.8.2-1]", "$share//a"],
  ["no filter [MQTT-4.8.2-2]", "$share/group/"],
  ["no / behind the name [MQTT-4.8.2-2]", "$share/group"],
  ["nothing at all", "$share/"],
  ["+ as the name [MQTT-4.8.2-2]", "$share/+/a"],
  ["# as the name [MQTT-4.8.2-2]", "$share/#"],
];

describe("SUBSCRIBE is refused with", () => {
  const flags = [0x80, 0x83, 0x86, 0x8a].map((first): BadFrame => {
    const frame = packetBytes(first, ONE, NONE, field("a"), [0]);
    return [`0x${first.toString(16)} [MQTT-3.8.1-1]`, 5, frame, 0x81, "flags of subscribe"];
  });
  testRefused([
    ...flags,
    ["no DUP but another flag", 3, packetBytes(0x84, ONE, field("a"), [0]), 0x81, "flags"],
    [
      "packet id 0",
      5,
      packetBytes(0x82, integer16(0), NONE, field("a"), [0]),
      0x82,
      "identifier 0",
    ],
    ["packet id 0", 4, packetBytes(0x82, integer16(0), field("a"), [0]), 0x82, "identifier 0"],
    ["no filter [MQTT-3.8.3-2]", 5, packetBytes(0x82, ONE, NONE), 0x82, "no topic filter"],
    ["no filter [MQTT-3.8.3-3] of 3.1.1", 4, packetBytes(0x82, ONE), 0x82, "no topic filter"],
    ["nothing in it", 5, "82 00", 0x81, "cut short"],
    ["no options", 5, packetBytes(0x82, ONE, NONE, field("a")), 0x81, "without options"],
    [
      "no options for its second filter",
      4,
      "82 09 0001 0001 61 00 0001 62",
      0x81,
      "without options",
    ],
    ["a filter longer than it", 4, "82 06 0001 0005 61 00", 0x81, "longer than the packet"],
    ["a byte behind it", 4, "82 07 0001 0001 61 00 00", 0x81, "cut short"],
    ["QoS 3", 5, subscribe5("a", 3), 0x82, "QoS 3"],
    ["QoS 3 [MQTT-3-8.3-4] of 3.1.1", 4, subscribe4("a", 3), 0x82, "QoS 3"],
    ["a reserved bit [MQTT-3.8.3-5]", 5, subscribe5("a", 0x40), 0x81, "wrong bits"],
    ["the other reserved bit [MQTT-3.8.3-5]", 5, subscribe5("a", 0x80), 0x81, "wrong bits"],
    ["an option of MQTT 5", 4, subscribe4("a", 0x04), 0x81, "wrong bits"],
    ["retain handling 3", 5, subscribe5("a", 0x30), 0x82, "retain handling 3"],
    ["No Local when shared [MQTT-3.8.3-4]", 5, subscribe5("$share/g/a", 0x04), 0x82, "No Local"],
    ["a bad filter behind a good one", 4, "82 0a 0001 0001 61 00 0001 00 00", 0x81, "NUL"],
  ]);
  testRefused(
    BAD_FILTERS.map(([name, filter, words]) => [name, 5, subscribe5(filter), 0x81, words]),
  );
  testRefused(
    BAD_FILTERS.map(([name, filter, words]) => [name, 4, subscribe4(filter), 0x81, words]),
  );
  testRefused(BAD_SHARES.map(([name, filter]) => [name, 5, subscribe5(filter), 0x82, "shared"]));
});

describe("UNSUBSCRIBE is refused with", () => {
  const flags = [0xa0, 0xa3, 0xa6, 0xaa].map((first): BadFrame => {
    const frame = packetBytes(first, ONE, NONE, field("a"));
    return [`0x${first.toString(16)} [MQTT-3.10.1-1]`, 5, frame, 0x81, "flags of unsubscribe"];
  });
  testRefused([
    ...flags,
    ["packet id 0", 5, packetBytes(0xa2, integer16(0), NONE, field("a")), 0x82, "identifier 0"],
    ["no filter [MQTT-3.10.3-2]", 5, packetBytes(0xa2, ONE, NONE), 0x82, "no topic filter"],
    ["no filter [MQTT-3.10.3-2]", 4, packetBytes(0xa2, ONE), 0x82, "no topic filter"],
    ["a filter longer than it", 4, "a2 05 0001 0002 61", 0x81, "longer than the packet"],
    ["a byte behind it", 5, "a2 07 0001 00 0001 61 00", 0x81, "cut short"],
  ]);
  testRefused(BAD_FILTERS.map(([name, to, words]) => [name, 5, unsubscribe5(to), 0x81, words]));
  testRefused(BAD_FILTERS.map(([name, to, words]) => [name, 4, unsubscribe4(to), 0x81, words]));
  testRefused(BAD_SHARES.map(([name, filter]) => [name, 5, unsubscribe5(filter), 0x82, "shared"]));
});

describe("they are taken with", () => {
  const filters = ["#", "+", "/", "/+", "+/", "+/+/#", "a/+/b/#", "a//b", "$SYS/#", "ü/漢/+", " "];
  testAccepted(
    filters.flatMap(
      (filter) =>
        [
          [`SUBSCRIBE to ${filter}`, 5, subscribe5(filter)],
          [`SUBSCRIBE to ${filter}`, 4, subscribe4(filter, 2)],
          [`UNSUBSCRIBE from ${filter}`, 5, unsubscribe5(filter)],
          [`UNSUBSCRIBE from ${filter}`, 4, unsubscribe4(filter)],
        ] as const,
    ),
  );
  testAccepted([
    ["all options", 5, subscribe5("a", 0x2e)],
    ["several filters", 4, "82 0a 0001 0001 61 00 0001 62 02"],
    ["a shared subscription", 5, subscribe5("$share/group/a/+/#", 0x0a)],
    ["a shared subscription to everything", 5, subscribe5("$share/g/#")],
    ["$share as any name, in MQTT 3.1.1", 4, subscribe4("$share/g")],
    ["$share alone, before what looks like its /", 5, beforeSlash],
    ["$shared, which is not $share", 5, subscribe5("$shared", 0x04)],
    ["DUP, which MQTT 3.1 has", 3, packetBytes(0x8a, ONE, field("a"), [0])],
    ["DUP on UNSUBSCRIBE, which MQTT 3.1 has", 3, packetBytes(0xaa, ONE, field("a"))],
  ]);
});
