// The bytes of a PUBLISH, read back by another's parser.

import { describe, expect, test } from "bun:test";
import { type IPublishPacket, parser } from "mqtt-packet";
import { Publication } from "../../src/broker/publication.ts";
import { buildFrame, type FrameShape } from "../../src/broker/publish-frame.ts";
import type { MessageProperties, QoS } from "../../src/topics/message.ts";
import { createRandom, createSeed, type Random } from "../kit/random.ts";

const SHAPE: FrameShape = { version: 5, qos: 1, retain: false, duplicate: false };
const FULL_WORDS = ["a", "é", "z".repeat(200)] as const;
const WORDS = ["", "a", "é", "\u{1f300}", "x".repeat(200), "y".repeat(20_000)] as const;

function parse(bytes: Buffer, protocolVersion: number): IPublishPacket {
  const packets: IPublishPacket[] = [];
  const parse = parser({ protocolVersion });
  parse.on("packet", (packet) => packets.push(packet as IPublishPacket));
  parse.on("error", (error) => {
    throw error;
  });
  expect(parse.parse(bytes)).toBe(0); // Nothing is left over.
  expect(packets).toHaveLength(1);
  return packets[0] as IPublishPacket;
}

function makeProperties(random: Random): MessageProperties | undefined {
  if (random.chance(0.2)) return undefined;
  const properties: Record<string, unknown> = {};
  if (random.chance(0.5)) properties.payloadFormatIndicator = random.chance(0.5);
  if (random.chance(0.5)) properties.contentType = random.pick(WORDS);
  if (random.chance(0.5)) properties.responseTopic = `r/${random.pick(WORDS)}`;
  if (random.chance(0.5)) properties.correlationData = makeBytes(random, 300);
  if (random.chance(0.5)) {
    const names = Array.from({ length: 1 + random.below(4) }, () => random.pick(WORDS));
    // mqtt-packet's parser forgets an empty value when another of the same name follows.
    const values = () => Array.from({ length: 1 + random.below(3) }, () => random.pick(FULL_WORDS));
    properties.userProperties = Object.fromEntries(
      names.map((name) => [`n${name}`, random.chance(0.5) ? random.pick(WORDS) : values()]),
    );
  }
  return properties as MessageProperties;
}

function makeBytes(random: Random, limit: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(limit) }, () => random.below(256)));
}

function makePublication(random: Random): Publication {
  return new Publication({
    topic: `t/${random.pick(WORDS)}`,
    payload: random.chance(0.1) ? Buffer.alloc(300_000, 1) : makeBytes(random, 200),
    qos: 2,
    retain: true,
    properties: makeProperties(random),
    ...(random.chance(0.3) && { expiresAtMs: Date.now() + 3_600_000 }),
  });
}

function makeShape(random: Random): FrameShape {
  const identifier = () => 1 + random.below([2, 200, 20_000, 268_435_455][random.below(4)] ?? 1);
  const version = random.pick([3, 4, 5, 5, 5]);
  return {
    version,
    qos: random.below(3) as QoS,
    retain: random.chance(0.5),
    duplicate: random.chance(0.5),
    identifiers: random.chance(0.5)
      ? Array.from({ length: 1 + random.below(4) }, identifier)
      : undefined,
    ...(version === 5 &&
      random.chance(0.4) && {
        alias: { alias: 1 + random.below(65_535), isKnown: random.chance(0.5) },
      }),
  };
}

/** What mqtt-packet calls these properties; a list of one is the one. */
function toParsed(publication: Publication, shape: FrameShape): Record<string, unknown> {
  const { userProperties, ...others } = publication.properties ?? {};
  const pairs = Object.entries(userProperties ?? {}).map(([name, value]) => {
    return [name, typeof value === "string" || value.length > 1 ? value : value[0]];
  });
  const { identifiers, alias } = shape;
  return {
    ...others,
    ...(pairs.length > 0 && { userProperties: Object.fromEntries(pairs) }),
    ...(publication.expiresAtMs < Infinity && { messageExpiryInterval: 3_600 }),
    ...(alias && { topicAlias: alias.alias }),
    ...(identifiers && {
      subscriptionIdentifier: identifiers.length > 1 ? identifiers : identifiers[0],
    }),
  };
}

test("what goes in comes out, for 500 random messages in random shapes", () => {
  const seed = createSeed();
  const random = createRandom(seed);
  for (let turn = 0; turn < 500; turn++) {
    const publication = makePublication(random);
    const shape = makeShape(random);
    const { bytes, identifierAt } = buildFrame(publication, shape);
    expect(identifierAt > 0).toBe(shape.qos > 0);
    if (identifierAt > 0) bytes.writeUInt16BE(1 + turn, identifierAt);
    const packet = parse(bytes, shape.version);
    const { topic, payload, qos, retain, dup, messageId } = packet;
    const isBare = shape.alias?.isKnown;
    expect({ seed, turn, topic, qos, retain, dup, messageId }).toEqual({
      ...{ seed, turn, topic: isBare ? "" : publication.topic, qos: shape.qos },
      ...{ retain: shape.retain, dup: shape.duplicate },
      messageId: shape.qos > 0 ? 1 + turn : undefined,
    });
    expect(Buffer.compare(payload as Buffer, publication.payload)).toBe(0);
    if (shape.version < 5) expect(packet.properties).toBeUndefined();
    else {
      const properties = { ...packet.properties };
      const { userProperties } = properties;
      if (userProperties) properties.userProperties = { ...userProperties };
      expect(properties as object).toEqual(toParsed(publication, shape));
    }
  }
});

test("user properties keep the order of their names, and of the values of each", () => {
  const userProperties = { b: ["2", "1", "2"], a: "x", "": "" };
  const fields = { topic: "t", payload: Buffer.alloc(0), qos: 0, retain: false } as const;
  const { bytes } = new Publication({ ...fields, properties: { userProperties } }).toFrame({
    ...SHAPE,
    qos: 0,
  });
  const toText = (text: string) => Buffer.concat([Buffer.of(0, text.length), Buffer.from(text)]);
  const pair = (name: string, value: string) => {
    return Buffer.concat([Buffer.of(0x26), toText(name), toText(value)]).toString("hex");
  };
  const pairs = [pair("b", "2"), pair("b", "1"), pair("b", "2"), pair("a", "x"), pair("", "")];
  expect(bytes.toString("hex").endsWith(pairs.join(""))).toBe(true);
});

describe("a frame", () => {
  const publication = new Publication({
    ...{ topic: "t", payload: Buffer.from("x"), qos: 1, retain: false },
  });

  test("is shared by receivers of one shape, and by no others", () => {
    const isSame = () => publication.toFrame(SHAPE) === publication.toFrame({ ...SHAPE });
    expect(isSame()).toBe(false);
    publication.shareFrames(true);
    expect(isSame()).toBe(true);
    const others: FrameShape[] = [
      { ...SHAPE, version: 4 },
      { ...SHAPE, qos: 2 },
      { ...SHAPE, retain: true },
      { ...SHAPE, duplicate: true },
      { ...SHAPE, identifiers: [1] },
      { ...SHAPE, alias: { alias: 1, isKnown: false } },
    ];
    const bytes = [SHAPE, ...others].map((shape) =>
      publication.toFrame(shape).bytes.toString("hex"),
    );
    expect(new Set(bytes).size).toBe(others.length + 1);
    publication.shareFrames(false); // What waits in a queue keeps no second copy.
    expect(isSame()).toBe(false);
  });

  test("of a message that expires is built anew, as the time goes", () => {
    const mortal = new Publication({ ...publication, expiresAtMs: Date.now() + 60_000 });
    expect(mortal.toFrame(SHAPE)).not.toBe(mortal.toFrame(SHAPE));
  });

  test.each([127, 128, 16_383, 16_384, 2_097_151, 2_097_152])("may have %p bytes", (remaining) => {
    const payload = Buffer.alloc(remaining - 2 - 1 - 2 - 1, "x");
    const { bytes } = new Publication({ ...publication, payload }).toFrame(SHAPE);
    expect(parse(bytes, 5)).toMatchObject({ length: remaining, topic: "t" });
    expect(parse(bytes, 5).payload).toHaveLength(payload.length);
  });
});
