// The buffer in which messages go to the history's thread: nothing is lost in it, and what has no
// room is refused whole.

import { expect, test } from "bun:test";
import { createBatch, readBatch } from "../../src/store/history-batch.ts";
import { parseProperties } from "../../src/store/property-json.ts";
import { toObserved } from "../kit/observed.ts";

test("what is added is read again, until there is no room", () => {
  const batch = createBatch(new ArrayBuffer(2_000), 100);
  const added: string[] = [];
  for (let id = 1; id < 1_000; id++) {
    const topic = `tópico/${"漢".repeat(id % 5)}/${id}`;
    const payload = Buffer.alloc(id % 150, id % 256);
    if (!batch.add(toObserved(topic, id * 1e12, { payload, qos: 2, retain: id % 2 === 0 }))) break;
    added.push(topic);
  }
  const read = [...readBatch(batch.buffer, batch.length)];
  expect(read.map(({ topic }) => topic)).toEqual(added);
  expect(batch.count).toBe(added.length);
  expect(added.length).toBeGreaterThan(10);
  for (const [at, { id, payload, payloadBytes, qos, retain }] of read.entries()) {
    const number = at + 1;
    expect([id, payloadBytes, qos, retain]).toEqual([number * 1e12, number, 2, 1 - (number % 2)]);
    expect(Buffer.from(payload)).toEqual(Buffer.alloc(Math.min(number, 100), number));
  }
});

test("properties come with their message, also when there is none in them", () => {
  const batch = createBatch(new ArrayBuffer(2_000), 100);
  const properties = { correlationData: Buffer.from([1, 2]), userProperties: { a: "漢" } };
  batch.add(toObserved("a", 1, { properties }));
  batch.add(toObserved("a", 2, { properties: {} }));
  batch.add(toObserved("a", 3));
  const read = [...readBatch(batch.buffer, batch.length)].map((one) => one.properties);
  expect(read.map((json) => json && parseProperties(json))).toEqual([properties, {}, null]);
});

test("a message that is larger than the buffer is refused, and leaves the others", () => {
  const batch = createBatch(new ArrayBuffer(500), 400);
  expect(batch.add(toObserved("a", 1))).toBe(true);
  const userProperties = { a: "x".repeat(500) };
  expect(batch.add(toObserved("b", 2, { properties: { userProperties } }))).toBe(false);
  expect(batch.add(toObserved("c", 3))).toBe(true);
  expect([...readBatch(batch.buffer, batch.length)].map(({ topic }) => topic)).toEqual(["a", "c"]);
});
