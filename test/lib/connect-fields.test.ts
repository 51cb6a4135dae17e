// Every rule for the client id, the user name, the will and the properties of a CONNECT, in bytes.

import { describe, expect, test } from "bun:test";
import { findFrameProblem } from "../../src/lib/frame-rules.ts";
import { testAccepted, testRefused } from "../kit/frame-problems.ts";
import {
  type ConnectParts,
  connectBytes,
  field,
  packetBytes,
  propertyList,
} from "../kit/packet-bytes.ts";

const WILL = 0x06;
const USER = 0x82;
/** One of each property that belongs there, at the least that it may be. */
const ALL_PROPERTIES = Buffer.from(
  "1100000000 15000161 16000161 1701 1900 210001 220000 26000161000162 2700000005".replaceAll(
    " ",
    "",
  ),
  "hex",
);
const connect = (parts: ConnectParts) => connectBytes(parts);
const connect4 = (parts: ConnectParts) => connectBytes({ version: 4, ...parts });
const will = (topic: string | Uint8Array, properties: readonly number[] = [], payload = "gone") => {
  return connect({ flags: WILL, rest: [propertyList(properties), field(topic), field(payload)] });
};

describe("the client id: refused is", () => {
  testRefused([
    [
      "none, to be kept [MQTT-3.1.3-8]",
      4,
      connect4({ clientId: "", flags: 0 }),
      2,
      "identifier rejected",
    ],
    ["none, in MQTT 3.1", 4, connect({ version: 3, clientId: "" }), 2, "identifier rejected"],
    ["NUL [MQTT-1.5.4-2]", 5, connect({ clientId: "a\0" }), 0x81, "NUL in the client id"],
    [
      "bad UTF-8 [MQTT-3.1.3-4]",
      4,
      connect4({ clientId: [0xc3, 0x28] }),
      0x81,
      "client id is not UTF-8",
    ],
    ["a control character", 5, connect({ clientId: "\u001b" }), 0x81, "client id has forbidden"],
  ]);
  testAccepted([
    ["none is taken", 4, connect4({ clientId: "" })],
    ["none to be kept is taken in MQTT 5", 4, connect({ clientId: "", flags: 0 })],
  ]);
});

describe("user name and will: refused is", () => {
  const user = (name: string | Uint8Array) => connect({ flags: USER, rest: [field(name)] });
  testRefused([
    ["NUL in the user name", 5, user("a\0"), 0x81, "NUL in the user name"],
    [
      "bad UTF-8 in the user name [MQTT-3.1.3-12]",
      5,
      user(Buffer.of(0xff)),
      0x81,
      "user name is not",
    ],
    ["a control character in the user name", 5, user("\u0085"), 0x81, "user name has forbidden"],
    ["an empty will topic [MQTT-4.7.3-1]", 5, will(""), 0x81, "empty will topic"],
    ["a wildcard in the will topic", 5, will("a/#"), 0x81, "will topic has a wildcard"],
    [
      "bad UTF-8 in the will topic [MQTT-3.1.3-11]",
      5,
      will(Buffer.of(0xc0)),
      0x81,
      "will topic is not",
    ],
    ["a will delay cut short", 5, will("w", [0x18, 0, 0]), 0x81, "cut short"],
    ["a will delay twice", 5, will("w", [0x18, 0, 0, 0, 1, 0x18, 0, 0, 0, 1]), 0x82, "twice"],
    ["a topic alias for a will", 5, will("w", [0x23, 0, 1]), 0x81, "topicAlias is not allowed"],
    ["a wildcard in the will's response topic", 5, will("w", [8, 0, 1, 0x23]), 0x82, "wildcard"],
  ]);
  testAccepted([
    ["a will that is bytes", 5, will("w", [1, 0])],
    ["a text", 5, will("w", [1, 1], "ü")],
  ]);

  test("a will that says it is text and is none [section 3.1.3.2.3]", () => {
    const rest = [propertyList([1, 1]), field("w"), field([0xff])];
    expect(findFrameProblem(connect({ flags: WILL, rest }), 5)?.reasonCode).toBe(0x99);
  });

  test("a will topic beyond the limits of the broker, with 0x90", () => {
    const limits = { topicBytesMax: 100, topicLevelsMax: 2 };
    expect(findFrameProblem(will("a/b"), 5, limits)).toBeUndefined();
    expect(findFrameProblem(will("a/b/c"), 5, limits)?.reasonCode).toBe(0x90);
  });
});

describe("the properties: refused is", () => {
  testRefused([
    [
      "receive maximum 0 [section 3.1.2.11.3]",
      5,
      connect({ properties: [0x21, 0, 0] }),
      0x82,
      "is 0",
    ],
    ["maximum packet size 0", 5, connect({ properties: [0x27, 0, 0, 0, 0] }), 0x82, "is 0"],
    [
      "a maximum packet size below any CONNACK [MQTT-3.1.2-24]",
      5,
      connect({ properties: [0x27, 0, 0, 0, 4] }),
      0,
      "without use",
    ],
    [
      "data without a method [section 3.1.2.11.10]",
      5,
      connect({ properties: [0x16, 0, 0] }),
      0x82,
      "without authentication method",
    ],
    ["a property of PUBLISH", 5, connect({ properties: [0x23, 0, 1] }), 0x81, "not allowed"],
    ["a property of CONNACK", 5, connect({ properties: [0x13, 0, 1] }), 0x81, "not allowed"],
    [
      "no list [MQTT-2.2.2-1]",
      5,
      packetBytes(0x10, field("MQTT"), [5, 2, 0, 60]),
      0x81,
      "cut short",
    ],
    [
      "a padded length [MQTT-1.5.5-1]",
      5,
      Buffer.from("108e0000044d515454050200000000017800", "hex").subarray(0, 17),
      0x81,
      "length",
    ],
  ]);
  testAccepted([["each that belongs there is taken", 5, connect({ properties: ALL_PROPERTIES })]]);
});
