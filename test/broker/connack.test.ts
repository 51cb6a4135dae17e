// The CONNACK of aedes, corrected on its way out.

import { describe, expect, test } from "bun:test";
import { generate, type IConnackPacket, type Packet, parser } from "mqtt-packet";
import { correctConnack } from "../../src/broker/connack.ts";

const PINGRESP = Buffer.from("d000", "hex");

function toBytes(version: number, more: Partial<IConnackPacket>): Buffer {
  const code = version === 5 ? { reasonCode: 0 } : { returnCode: 0 };
  const packet = { cmd: "connack", sessionPresent: false, ...code, ...more } as const;
  return generate(packet, { protocolVersion: version });
}

function parse(bytes: Buffer, protocolVersion: number): Packet[] {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion });
  reader.on("packet", (packet) => packets.push(packet));
  expect(reader.parse(bytes)).toBe(0);
  return packets;
}

/** What is behind the CONNACK is none of its business. */
describe.each([
  ["alone", Buffer.alloc(0)],
  ["before others", Buffer.concat([PINGRESP, PINGRESP])],
])("a CONNACK %s", (_name, rest) => {
  const packetsBehind = rest.length / PINGRESP.length;

  test.each([3, 4, 5])("of version %p says whether there is a session", (version) => {
    for (const [before, after] of [
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const bytes = Buffer.concat([toBytes(version, { sessionPresent: before }), rest]);
      const [connack, ...others] = parse(correctConnack(bytes, version, after), version);
      // MQTT 3.1 has no such flag, and its clients do not look at the byte.
      expect(connack).toMatchObject({ cmd: "connack", sessionPresent: after });
      expect(others).toHaveLength(packetsBehind);
    }
  });

  test("denies no shared subscriptions, and keeps all else", () => {
    const properties = {
      topicAliasMaximum: 3,
      maximumPacketSize: 1_000,
      receiveMaximum: 10,
      assignedClientIdentifier: `aedes_${crypto.randomUUID()}`,
      serverKeepAlive: 7,
      sessionExpiryInterval: 3_600,
    };
    // In the order in which aedes writes them.
    const denying = { sharedSubscriptionAvailable: false, ...properties };
    const bytes = Buffer.concat([toBytes(5, { properties: denying }), rest]);
    const [connack, ...others] = parse(correctConnack(bytes, 5, false), 5);
    expect(connack).toMatchObject({ reasonCode: 0 });
    expect({ ...(connack as IConnackPacket).properties }).toEqual(properties);
    expect(others).toHaveLength(packetsBehind);
  });

  test.each([
    [4, { returnCode: 5 }],
    [5, { reasonCode: 0x87, properties: { sharedSubscriptionAvailable: false } }],
  ])("of version %p that says no stays as it is", (version, more) => {
    const bytes = Buffer.concat([toBytes(version, more), rest]);
    expect(correctConnack(bytes, version, true).equals(bytes)).toBe(true);
  });
});

test("what is no CONNACK stays as it is", () => {
  expect(correctConnack(PINGRESP, 5, true).equals(PINGRESP)).toBe(true);
});
