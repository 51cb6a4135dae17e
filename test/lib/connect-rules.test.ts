// Every rule for CONNECT, in bytes, with what CONNACK will say: a reason code of MQTT 5, 1 or 2 of
// MQTT 3.1.1, or 0 where nothing is said.

import { describe, expect, test } from "bun:test";
import { readVersion } from "../../src/lib/connect-rules.ts";
import { testAccepted, testRefused } from "../kit/frame-problems.ts";
import { type ConnectParts, connectBytes, field, packetBytes } from "../kit/packet-bytes.ts";

const CLEAN = 0x02;
const WILL = 0x06;
const PASSWORD = 0x42;
const USER = 0x82;
const connect = (parts: ConnectParts) => connectBytes(parts);
const connect4 = (parts: ConnectParts) => connectBytes({ version: 4, ...parts });
/** A CONNECT with this name of the protocol and this version. */
const speaks = (name: string, version: number, ...more: readonly number[][]) => {
  return packetBytes(0x10, field(name), [version, 2, 0, 60], ...more, field("x"));
};
const first = (byte: number, frame: Buffer) => Buffer.concat([Buffer.of(byte), frame.subarray(1)]);

describe("the protocol: refused is", () => {
  testRefused([
    ["another name [MQTT-3.1.2-1]", 4, speaks("HTTP", 4), 0, "another protocol"],
    ["a shorter name", 4, speaks("MQT", 4), 0, "another protocol"],
    ["a longer name", 4, speaks("MQTTT", 4), 0, "another protocol"],
    ["no name", 4, speaks("", 4), 0, "another protocol"],
    ["a name in lower case", 5, speaks("mqtt", 5), 0, "another protocol"],
    ["nothing", 4, packetBytes(0x10), 0x81, "cut short"],
    ["a name alone", 4, packetBytes(0x10, field("MQTT")), 0, "cut short"],
    ["version 2 [MQTT-3.1.2-2]", 4, speaks("MQTT", 2), 1, "unacceptable protocol version 2"],
    ["version 6 [MQTT-3.1.2-2]", 4, speaks("MQTT", 6), 1, "unacceptable protocol version 6"],
    ["version 3 under the newer name", 4, speaks("MQTT", 3), 1, "unacceptable protocol version 3"],
    ["version 4 under the older name", 4, speaks("MQIsdp", 4), 1, "version 4"],
    ["version 5 under the older name", 4, speaks("MQIsdp", 5, [0]), 0x84, "version 5"],
    ["version 5 as a bridge", 4, speaks("MQTT", 0x85, [0]), 1, "version 133"],
    ["version 2 under the older name", 4, speaks("MQIsdp", 2), 1, "version 2"],
    ["a flag in the first byte [MQTT-2.1.3-1]", 4, first(0x11, connect4({})), 0x81, "wrong flags"],
    ["a flag in the first byte [MQTT-2.1.3-1]", 5, first(0x18, connect({})), 0x81, "wrong flags"],
  ]);
  testAccepted([
    ["version 3 is taken", 4, speaks("MQIsdp", 3)],
    ["version 4 is taken", 4, speaks("MQTT", 4)],
    ["version 5 is taken", 4, speaks("MQTT", 5, [0])],
    ["version 3 of a bridge is taken", 4, speaks("MQIsdp", 0x83)],
    ["version 4 of a bridge is taken", 4, speaks("MQTT", 0x84)],
    ["MQTT 3.1 with bits that it does not use is taken", 4, first(0x14, speaks("MQIsdp", 3))],
    ["MQTT 3.1 with the reserved flag", 4, connect({ version: 3, flags: CLEAN | 1 })],
  ]);
});

describe("the flags: refused is", () => {
  const rest = [field("w"), field("gone")];
  testRefused([
    ["the reserved flag [MQTT-3.1.2-3]", 4, connect4({ flags: CLEAN | 1 }), 0x81, "reserved flag"],
    ["the reserved flag [MQTT-3.1.2-3]", 5, connect({ flags: CLEAN | 1 }), 0x81, "reserved flag"],
    [
      "QoS of no will [MQTT-3.1.2-11]",
      4,
      connect4({ flags: CLEAN | 8 }),
      0x81,
      "a will that is not",
    ],
    ["retain of no will [MQTT-3.1.2-13]", 5, connect({ flags: CLEAN | 0x20 }), 0x81, "a will that"],
    ["will QoS 3 [MQTT-3.1.2-12]", 4, connect4({ flags: WILL | 0x18, rest }), 0x81, "bad will QoS"],
    [
      "password, no user [MQTT-3.1.2-22]",
      4,
      connect4({ flags: PASSWORD, rest: [field("p")] }),
      0x81,
      "without a user",
    ],
    ["no user name [MQTT-3.1.2-17]", 5, connect({ flags: USER }), 0x81, "cut short"],
    [
      "no password [MQTT-3.1.2-19]",
      5,
      connect({ flags: USER | 0x40, rest: [field("u")] }),
      0x81,
      "cut short",
    ],
    [
      "a user name without its flag [MQTT-3.1.2-16]",
      5,
      connect({ rest: [field("u")] }),
      0x81,
      "wrong length",
    ],
    [
      "a password without its flag [MQTT-3.1.2-18]",
      4,
      connect4({ flags: USER, rest: [field("u"), field("p")] }),
      0x81,
      "wrong length",
    ],
    ["a will without topic [MQTT-3.1.2-9]", 4, connect4({ flags: WILL }), 0x81, "cut short"],
    [
      "a will without payload [MQTT-3.1.2-9]",
      4,
      connect4({ flags: WILL, rest: [field("w")] }),
      0x81,
      "cut short",
    ],
    ["no keep alive", 4, packetBytes(0x10, field("MQTT"), [4, 2, 0]), 0x81, "cut short"],
    [
      "no client id [MQTT-3.1.3-3]",
      4,
      packetBytes(0x10, field("MQTT"), [4, 2, 0, 60]),
      0x81,
      "cut short",
    ],
    [
      "a client id longer than it",
      5,
      packetBytes(0x10, field("MQTT"), [5, 2, 0, 60, 0], field("x", 9)),
      0x81,
      "longer",
    ],
  ]);
  testAccepted([
    ["a password alone, in MQTT 5, is taken", 4, connect({ flags: PASSWORD, rest: [field("p")] })],
    [
      "user name and password",
      4,
      connect4({ flags: USER | 0x40, rest: [field("u"), field([0, 255])] }),
    ],
    ["an empty user name", 4, connect4({ flags: USER, rest: [field("")] })],
    ["a will with QoS 2 and retain", 4, connect4({ flags: WILL | 0x30, rest })],
  ]);
});

describe("the version that a CONNECT asks for", () => {
  test.each([
    [connect({}), 5],
    [connect4({}), 4],
    [connect({ version: 3 }), 3],
    [speaks("MQTT", 0x84), 4],
    [speaks("MQTT", 6), undefined],
    [speaks("HTTP", 5), undefined],
    [connect({}).subarray(0, 9), 5],
    [connect({}).subarray(0, 8), undefined],
    [Buffer.from("10ffffff7f00044d51545405", "hex"), 5],
    [Buffer.from("10", "hex"), undefined],
    [Buffer.alloc(0), undefined],
  ])("of %p is %p", (bytes, version) => {
    expect(readVersion(bytes)).toBe(version as 5 | undefined);
  });
});
