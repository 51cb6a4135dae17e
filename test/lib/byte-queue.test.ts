// The byte queue does what `bl` does, for what mqtt-packet asks of it.

import { expect, test } from "bun:test";
import { createRequire } from "node:module";
import { ByteQueue } from "../../src/lib/byte-queue.ts";

// The package that it stands in for, as mqtt-packet finds it.
const load = createRequire(createRequire(import.meta.url).resolve("mqtt-packet"));
const createBl: () => ByteQueue = load("bl");

test("random appends and reads give the same as bl", () => {
  for (let round = 0; round < 300; round++) {
    const [queue, bl] = [new ByteQueue(), createBl()];
    for (let step = 0; step < 40; step++) {
      const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(Math.random() * 40)));
      queue.append(bytes);
      bl.append(bytes);
      expect(queue.length).toBe(bl.length);
      if (bl.length >= 4) {
        const at = Math.floor(Math.random() * (bl.length - 3));
        const to = at + Math.floor(Math.random() * (bl.length - at + 3));
        expect(queue.readUInt8(at)).toBe(bl.readUInt8(at));
        expect(queue.readUInt16BE(at)).toBe(bl.readUInt16BE(at));
        expect(queue.readUInt32BE(at)).toBe(bl.readUInt32BE(at));
        expect(queue.slice(at, to)).toEqual(Buffer.from(bl.slice(at, to)));
        const end = Math.min(to, bl.length);
        expect(queue.toString("latin1", at, end)).toBe(bl.toString("latin1", at, end));
      }
      const count = Math.floor(Math.random() * (bl.length + 3));
      queue.consume(count);
      bl.consume(count);
      expect(queue.length).toBe(bl.length);
    }
  }
});

test("what was sliced stays as it was, whatever is appended", () => {
  const queue = new ByteQueue();
  const slices: [Buffer, string][] = [];
  for (let at = 0; at < 200; at++) {
    queue.append(Buffer.from(`<${at}>`));
    slices.push([queue.slice(), String(queue.slice())]);
    if (at % 7 === 0) queue.consume(3);
    if (at % 50 === 0) queue.consume(queue.length);
  }
  for (const [slice, text] of slices) expect(String(slice)).toBe(text);
});

test("a read beyond the end is an error, and not another packet's byte", () => {
  const queue = new ByteQueue();
  queue.append(Buffer.from([1, 2, 3]));
  queue.consume(1);
  expect(queue.readUInt16BE(0)).toBe(0x0203);
  expect(() => queue.readUInt8(2)).toThrow(RangeError);
  expect(() => queue.readUInt16BE(1)).toThrow(RangeError);
  expect(() => queue.readUInt32BE(0)).toThrow(RangeError);
});
