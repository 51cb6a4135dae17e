// Cutting alone: the same bytes give the same packets, however they come.

import { describe, expect, test } from "bun:test";
import { PacketFrames, TOO_LONG } from "../../src/lib/packet-frames.ts";
import { packetBytes } from "../kit/packet-bytes.ts";
import { createRandom, createSeed, type Random } from "../kit/random.ts";

const PING = packetBytes(0xc0);
const seed = Number(process.env.FUZZ_SEED ?? createSeed());

function takeAll(frames: PacketFrames): Buffer[] {
  const taken: Buffer[] = [];
  for (let frame = frames.take(); frame; frame = frames.take()) taken.push(frame);
  return taken;
}

/** Pushes the chunks one by one, and takes what is whole after each. */
function cut(chunks: readonly Buffer[]): Buffer[] {
  const frames = new PacketFrames();
  return chunks.flatMap((chunk) => {
    frames.push(chunk);
    return takeAll(frames);
  });
}

function chop(random: Random, bytes: Buffer, pieceBytesMax: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + random.below(pieceBytesMax + 1); // An empty chunk now and then.
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

test(`any chopping of the same bytes gives the same packets (FUZZ_SEED=${seed})`, () => {
  const random = createRandom(seed);
  for (let round = 0; round < 100; round++) {
    const sizes = [0, 1, 2, 125, 126, 127, 128, 129, 16_383, 16_384, 40_000] as const;
    const packets = Array.from({ length: 1 + random.below(12) }, () => {
      const size = random.chance(0.7) ? random.below(40) : random.pick(sizes);
      return packetBytes(random.below(256), Buffer.alloc(size, random.below(256)));
    });
    const bytes = Buffer.concat(packets);
    const pieceBytesMax = random.pick([1, 2, 3, 7, 64, 1_000, 65_536]);
    const cutPackets = cut(chop(random, bytes, pieceBytesMax));
    expect(cutPackets.map((frame) => frame.toString("hex"))).toEqual(
      packets.map((packet) => packet.toString("hex")),
    );
  }
});

describe("a packet that lies in one chunk", () => {
  test("is not copied", () => {
    const chunk = Buffer.concat([PING, packetBytes(0x30, [0, 1, 97]), PING]);
    const frames = cut([chunk]);
    expect(frames).toHaveLength(3);
    for (const frame of frames) expect(frame.buffer).toBe(chunk.buffer);
  });

  test("is not copied either behind the end of one that began before", () => {
    const first = packetBytes(0x30, [0, 1, 97], "payload");
    const chunk = Buffer.concat([first.subarray(5), PING]);
    const [whole, ping] = cut([first.subarray(0, 5), chunk]);
    expect(whole).toEqual(first);
    expect(ping?.buffer).toBe(chunk.buffer);
  });
});

describe("the announced size", () => {
  test.each([
    ["c0 00", 2],
    ["30 7f", 129],
    ["30 80 01", 131],
    ["30 ff 7f", 16_386],
    ["30 ff ff 7f", 2_097_155],
    ["30 ff ff ff 7f", 268_435_460],
    ["30 80 80 80 00", 5], // Malformed in MQTT 5, and a rule's affair.
    ["30 ff ff ff ff", TOO_LONG],
    ["30 ff ff ff ff 01", TOO_LONG],
    ["30 ff ff ff", 0],
    ["30", 0],
    ["", 0],
  ])("of %s is %p before any of its body is there", (bytes, size) => {
    const header = Buffer.from(bytes.replaceAll(" ", ""), "hex");
    const frames = new PacketFrames();
    frames.push(header);
    expect(frames.announcedBytes()).toBe(size);
    const oneByOne = new PacketFrames();
    for (const byte of header) {
      oneByOne.push(Buffer.of(byte));
      oneByOne.take();
    }
    if (size !== 2 && size !== 5) expect(oneByOne.announcedBytes()).toBe(size);
  });

  test("is that of the next packet when the one before is taken", () => {
    const frames = new PacketFrames();
    frames.push(Buffer.concat([PING, packetBytes(0x30, Buffer.alloc(300))]));
    expect(frames.announcedBytes()).toBe(2);
    frames.take();
    expect(frames.announcedBytes()).toBe(303);
    frames.take();
    expect(frames.announcedBytes()).toBe(0);
  });
});

test("the first bytes can be looked at and stay", () => {
  const frames = new PacketFrames();
  expect(frames.head(4)).toEqual(Buffer.alloc(0));
  frames.push(Buffer.of(0x10));
  frames.take();
  frames.push(Buffer.of(3, 1, 2));
  expect(frames.head(3)).toEqual(Buffer.of(0x10, 3, 1));
  expect(frames.head(9)).toEqual(Buffer.of(0x10, 3, 1, 2));
  frames.push(Buffer.of(9));
  expect(frames.take()).toEqual(Buffer.of(0x10, 3, 1, 2, 9));
});

test("chunks that nobody took from are put together", () => {
  const frames = new PacketFrames();
  for (let at = 0; at < 3; at++) frames.push(PING);
  expect(takeAll(frames)).toEqual([PING, PING, PING]);
});

test("a packet in thousands of chunks is copied a few times, not once for each", () => {
  const packet = packetBytes(0x30, Buffer.alloc(1 << 20, "x"));
  const sizes: number[] = [];
  const allocate = Buffer.allocUnsafeSlow;
  Buffer.allocUnsafeSlow = (size) => {
    sizes.push(size);
    return allocate(size);
  };
  try {
    expect(cut(chop(createRandom(1), packet, 500))).toEqual([packet]);
  } finally {
    Buffer.allocUnsafeSlow = allocate;
  }
  // Doubling from the first chunk to a mebibyte, and not a byte more than was announced.
  expect(sizes.length).toBeLessThan(20);
  expect(Math.max(...sizes)).toBe(packet.length);
});

test("an announced size reserves nothing: only bytes that came do", () => {
  const sizes: number[] = [];
  const allocate = Buffer.allocUnsafeSlow;
  Buffer.allocUnsafeSlow = (size) => {
    sizes.push(size);
    return allocate(size);
  };
  try {
    cut([Buffer.from("30ffffff7f000161", "hex"), Buffer.alloc(10)]);
  } finally {
    Buffer.allocUnsafeSlow = allocate;
  }
  expect(Math.max(...sizes)).toBeLessThan(100);
});
