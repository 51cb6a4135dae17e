// Every rule for property lists, in bytes: where each belongs, how often, with what values.

import { describe, expect, test } from "bun:test";
import { findFrameProblem } from "../../src/lib/frame-rules.ts";
import { type BadFrame, type GoodFrame, testAccepted, testRefused } from "../kit/frame-problems.ts";
import {
  connectBytes,
  field,
  integer16,
  packetBytes,
  propertyList,
  variableInteger,
} from "../kit/packet-bytes.ts";

const ONE = integer16(1);

/** Each packet of a client with this as the body of its property list. */
const PACKETS: Readonly<Record<string, (body: Uint8Array) => Buffer>> = {
  connect: (body) => connectBytes({ properties: body }),
  will: (body) => {
    return connectBytes({ flags: 0x06, rest: [propertyList(body), field("w"), field("gone")] });
  },
  publish: (body) => packetBytes(0x30, field("a"), propertyList(body), "payload"),
  puback: (body) => packetBytes(0x40, ONE, [0], propertyList(body)),
  pubrec: (body) => packetBytes(0x50, ONE, [0], propertyList(body)),
  pubrel: (body) => packetBytes(0x62, ONE, [0], propertyList(body)),
  pubcomp: (body) => packetBytes(0x70, ONE, [0], propertyList(body)),
  subscribe: (body) => packetBytes(0x82, ONE, propertyList(body), field("a"), [0]),
  unsubscribe: (body) => packetBytes(0xa2, ONE, propertyList(body), field("a")),
  disconnect: (body) => packetBytes(0xe0, [0], propertyList(body)),
};
const ACKNOWLEDGEMENTS = "puback pubrec pubrel pubcomp";

/** MQTT 5 table 2-4: a right value of each property, and the packets of a client it belongs to. */
const PROPERTIES: readonly [identifier: number, value: Uint8Array, packets: string][] = [
  [0x01, Buffer.of(1), "publish will"],
  [0x02, Buffer.of(0, 0, 0, 9), "publish will"],
  [0x03, field("t"), "publish will"],
  [0x08, field("r"), "publish will"],
  [0x09, field([0, 255]), "publish will"],
  [0x0b, variableInteger(300), "subscribe"],
  [0x11, Buffer.of(0, 0, 0, 0), "connect disconnect"],
  [0x12, field("i"), ""],
  [0x13, Buffer.of(0, 9), ""],
  [0x15, field("m"), "connect"],
  [0x16, field("d"), ""], // In a CONNECT with a method only.
  [0x17, Buffer.of(1), "connect"],
  [0x18, Buffer.of(0, 0, 0, 9), "will"],
  [0x19, Buffer.of(0), "connect"],
  [0x1a, field("i"), ""],
  [0x1c, field("r"), "disconnect"],
  [0x1f, field("r"), `${ACKNOWLEDGEMENTS} disconnect`],
  [0x21, Buffer.of(0, 9), "connect"],
  [0x22, Buffer.of(0, 0), "connect"],
  [0x23, Buffer.of(0, 1), "publish"],
  [0x24, Buffer.of(1), ""],
  [0x25, Buffer.of(1), ""],
  [0x26, Buffer.concat([field("k"), field("v")]), Object.keys(PACKETS).join(" ")],
  [0x27, Buffer.of(0, 0, 1, 0), "connect"],
  [0x28, Buffer.of(1), ""],
  [0x29, Buffer.of(1), ""],
  [0x2a, Buffer.of(1), ""],
];
const USER_PROPERTY = 0x26;
/** Sent where it does not belong it is told apart [MQTT-3.3.4-6]; or it needs another. */
const APART = ["connect 22", "publish 11"];

const toBody = (identifier: number, value: Uint8Array) => {
  return Buffer.concat([Buffer.of(identifier), value]);
};
const rows = PROPERTIES.flatMap(([identifier, value, packets]) => {
  return Object.entries(PACKETS).map(([name, toPacket]) => ({
    name: `property ${identifier} in ${name}`,
    key: `${name} ${identifier}`,
    isAllowed: packets.split(" ").includes(name),
    identifier,
    body: toBody(identifier, value),
    toPacket,
  }));
});

describe("where it belongs is taken", () => {
  testAccepted(
    rows
      .filter(({ isAllowed }) => isAllowed)
      .map(({ name, body, toPacket }): GoodFrame => [name, 5, toPacket(body)]),
  );
});

describe("where it does not belong is malformed (section 2.2.2.2):", () => {
  testRefused(
    rows
      .filter(({ isAllowed, key }) => !isAllowed && !APART.includes(key))
      .map(({ name, body, toPacket }): BadFrame => {
        return [name, 5, toPacket(body), 0x81, "is not allowed here"];
      }),
  );
});

describe("twice is a protocol error:", () => {
  const others = rows.filter(({ isAllowed, identifier }) => {
    return isAllowed && identifier !== USER_PROPERTY;
  });
  testRefused(
    others.map(({ name, body, toPacket }): BadFrame => {
      return [name, 5, toPacket(Buffer.concat([body, body])), 0x82, "twice"];
    }),
  );
  const users = rows.filter(({ identifier }) => identifier === USER_PROPERTY);
  testAccepted(
    users.map(({ name, body, toPacket }): GoodFrame => {
      return [`but ${name} may come again`, 5, toPacket(Buffer.concat([body, body]))];
    }),
  );
});

describe("cut short is malformed, wherever the cut is:", () => {
  const publish = PACKETS.publish as (body: Uint8Array) => Buffer;
  test.each(rows.filter(({ isAllowed }) => isAllowed))("$name", ({ body, toPacket }) => {
    for (let end = 1; end < body.length; end++) {
      expect(findFrameProblem(toPacket(body.subarray(0, end)), 5)?.reasonCode).toBe(0x81);
    }
  });

  test("a length that ends in the middle of a property", () => {
    expect(findFrameProblem(packetBytes(0x30, field("a"), [1, 1, 1]), 5)?.reasonCode).toBe(0x81);
    expect(findFrameProblem(publish(Buffer.of(0x26, 0, 1, 0x6b)), 5)?.reasonCode).toBe(0x81);
  });
});

describe("an identifier that nobody knows is malformed:", () => {
  const known = new Set(PROPERTIES.map(([identifier]) => identifier));
  test.each(Object.entries(PACKETS))("in %s", (_name, toPacket) => {
    const unknown = Array.from({ length: 300 }, (_, at) => at).filter((at) => !known.has(at));
    for (const identifier of [...unknown, 16_384, 268_435_455]) {
      const body = Buffer.concat([variableInteger(identifier), Buffer.of(0)]);
      const problem = findFrameProblem(toPacket(body), 5);
      expect(problem).toEqual({ words: `unknown property ${identifier}`, reasonCode: 0x81 });
    }
  });
});

describe("a wrong value is refused:", () => {
  const publish = (body: readonly number[]) => packetBytes(0x30, field("a"), propertyList(body));
  const subscribe = (body: readonly number[]) => {
    return packetBytes(0x82, ONE, propertyList(body), field("a"), [0]);
  };
  const connect = (properties: readonly number[]) => connectBytes({ properties });
  const text = (identifier: number, value: string | readonly number[]) => {
    return publish([identifier, ...field(value)]);
  };
  testRefused([
    ["payload format indicator 2", 5, publish([1, 2]), 0x82, "neither 0 nor 1"],
    ["request problem information 2", 5, connect([0x17, 2]), 0x82, "neither 0 nor 1"],
    ["request response information 255", 5, connect([0x19, 255]), 0x82, "neither 0 nor 1"],
    ["topic alias 0 [MQTT-3.3.2-8]", 5, publish([0x23, 0, 0]), 0x94, "topicAlias is 0"],
    ["subscription identifier 0", 5, subscribe([0x0b, 0]), 0x82, "is 0"],
    ["a padded one [MQTT-1.5.5-1]", 5, subscribe([0x0b, 0x81, 0x00]), 0x81, "more bytes than"],
    ["one of five bytes", 5, subscribe([0x0b, 0x80, 0x80, 0x80, 0x80, 1]), 0x81, "four bytes"],
    ["one from a client [MQTT-3.3.4-6]", 5, publish([0x0b, 1]), 0x82, "from a client"],
    ["a padded one from a client", 5, publish([0x0b, 0x80, 0]), 0x81, "more bytes than"],
    ["a padded identifier", 5, publish([0x81, 0x00, 1]), 0x81, "more bytes than"],
    ["a wildcard in a response topic [MQTT-3.3.2-14]", 5, text(8, "a/+"), 0x82, "wildcard"],
    ["an empty response topic [MQTT-4.7.3-1]", 5, text(8, ""), 0x81, "empty response topic"],
    ["bad UTF-8 in it [MQTT-3.3.2-13]", 5, text(8, [0xff]), 0x81, "response topic is not UTF-8"],
    ["a control character in it", 5, text(8, "a\u0007"), 0x81, "forbidden"],
    ["bad UTF-8 in a content type [MQTT-3.3.2-19]", 5, text(3, [0xc3]), 0x81, "not UTF-8"],
    ["a surrogate in a content type", 5, text(3, [0xed, 0xa0, 0x80]), 0x81, "not UTF-8"],
    ["NUL in a content type [MQTT-1.5.4-2]", 5, text(3, "a\0"), 0x81, "NUL"],
    ["U+FFFD in a content type", 5, text(3, "\ufffd"), 0x81, "forbidden"],
    ["NUL in a name", 5, publish([0x26, ...field("\0"), ...field("v")]), 0x81, "NUL"],
    [
      "bad UTF-8 in a value",
      5,
      publish([0x26, ...field("k"), ...field([0x80])]),
      0x81,
      "not UTF-8",
    ],
    ["a name alone [MQTT-1.5.7-1]", 5, publish([0x26, ...field("k")]), 0x81, "cut short"],
  ]);
  testAccepted([
    ["but line breaks in a text are none", 5, publish([0x26, ...field("k\n"), ...field("\u0085")])],
    ["nor are U+FFFE and U+FFFF in it", 5, text(3, "\ufffe\uffff")],
    ["an expiry interval of 0", 5, publish([2, 0, 0, 0, 0])],
    ...[127, 128, 16_383, 16_384, 2_097_151, 2_097_152].map((identifier): GoodFrame => {
      const body = [0x0b, ...variableInteger(identifier)];
      return [`a subscription identifier of ${identifier}`, 5, subscribe(body)];
    }),
    ["a subscription identifier of four bytes", 5, subscribe([0x0b, 0xff, 0xff, 0xff, 0x7f])],
  ]);
});
