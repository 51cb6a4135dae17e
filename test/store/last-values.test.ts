// The last value of each topic: a copy, the latest, and of no more topics than allowed.

import { expect, test } from "bun:test";
import { createLastValues } from "../../src/store/last-values.ts";
import type { ObservedMessage } from "../../src/store/observation.ts";

const BYTES_MAX = 1 << 20;

const toValue = (topic: string, text: string, more: Partial<ObservedMessage> = {}) => {
  const facts = { id: 1, receivedAtMs: 2, qos: 0, retain: false } as const;
  return { topic, payload: Buffer.from(text), ...facts, ...more };
};

test("the latest message of a topic is kept, with what came along", () => {
  const values = createLastValues({ topicsMax: 10, bytesMax: BYTES_MAX });
  values.put(toValue("a", "one"));
  const properties = { contentType: "text/plain" };
  values.put(toValue("a", "two", { qos: 1, retain: true, properties }));
  const value = values.get("a");
  expect(value).toMatchObject({
    topic: "a",
    qos: 1,
    retain: true,
    properties,
    id: 1,
    receivedAtMs: 2,
  });
  expect(String(value?.payload)).toBe("two");
  expect(values.get("b")).toBeUndefined();
});

test("payloads of any length follow each other", () => {
  const values = createLastValues({ topicsMax: 10, bytesMax: BYTES_MAX });
  for (const length of [0, 5, 3, 100_000, 1, 2_000, 0]) {
    values.put(toValue("a", "x".repeat(length)));
    expect(String(values.get("a")?.payload)).toBe("x".repeat(length));
  }
});

test("what was put or given is a copy: later changes to it change nothing", () => {
  const values = createLastValues({ topicsMax: 10, bytesMax: BYTES_MAX });
  const given = toValue("a", "abc");
  values.put(given);
  given.payload.fill("x");
  const before = values.get("a");
  values.put(toValue("a", "def"));
  expect(String(before?.payload)).toBe("abc");
});

test("no more topics than allowed; one that still has messages stays longest", () => {
  const values = createLastValues({ topicsMax: 3, bytesMax: BYTES_MAX });
  for (const topic of ["a", "b", "c"]) values.put(toValue(topic, topic));
  values.put(toValue("a", "again"));
  values.put(toValue("d", "d"));
  expect(values.size).toBe(3);
  expect(values.get("b")).toBeUndefined();
  expect(String(values.get("a")?.payload)).toBe("again");
  for (let at = 0; at < 1_000; at++) values.put(toValue(`topic-${at}`, "x"));
  expect(values.size).toBe(3);
  expect(values.get("topic-999")).toBeDefined();
});

test("what was recorded fills places that are free, and never what is newer", () => {
  const values = createLastValues({ topicsMax: 2, bytesMax: BYTES_MAX });
  const recorded = { payloadBytes: 9, isCut: true };
  values.put(toValue("a", "new", { id: 5 }));
  values.restore({ ...toValue("a", "old"), ...recorded }, 7);
  values.restore({ ...toValue("b", "cut"), ...recorded }, 3);
  values.restore({ ...toValue("c", "full"), ...recorded }, 1);
  expect(values.get("a")).toMatchObject({ id: 5, messages: 7, payloadBytes: 3, isCut: false });
  expect(values.get("b")).toMatchObject({ messages: 3, payloadBytes: 9, isCut: true });
  expect(values.get("c")).toBeUndefined();
  values.put(toValue("b", "whole"));
  expect(values.get("b")).toMatchObject({ messages: 4, payloadBytes: 5, isCut: false });
});

test("topics are listed by name, in pages, by filter and by wish", () => {
  const values = createLastValues({ topicsMax: 1_000, bytesMax: BYTES_MAX });
  const numbers = Array.from({ length: 500 }, (_, at) => (at * 7) % 500);
  for (const number of numbers) values.put(toValue(`t/${1_000 + number}`, "x"));
  values.put(toValue("other", "x"));
  const list = (query: { after?: string; limit: number; isWanted?: (topic: string) => boolean }) =>
    values.list({ filter: "t/+", ...query }).map(({ topic }) => topic);
  const sorted = numbers.map((number) => `t/${1_000 + number}`).sort();
  expect(list({ limit: 3 })).toEqual(sorted.slice(0, 3));
  expect(list({ limit: 3, after: sorted[2] ?? "" })).toEqual(sorted.slice(3, 6));
  expect(list({ limit: 1_000 })).toEqual(sorted);
  expect(list({ limit: 2, isWanted: (topic) => topic > "t/1100" })).toEqual(sorted.slice(101, 103));
});

test("no more bytes than allowed: topics that were silent go, and the newest stays", () => {
  const values = createLastValues({ topicsMax: 1_000, bytesMax: 8_000 });
  for (let at = 0; at < 10; at++) values.put(toValue(`t${at}`, "x".repeat(500)));
  expect(values.size).toBe(10);
  values.put(toValue("t0", "again"));
  for (let at = 10; at < 100; at++) {
    values.put(toValue(`t${at}`, "x".repeat(500)));
    values.put(toValue("t0", "again"));
    expect(String(values.get(`t${at}`)?.payload)).toHaveLength(500);
  }
  expect(values.size).toBeGreaterThan(10);
  expect(values.size).toBeLessThan(17);
  expect(String(values.get("t0")?.payload)).toBe("again");
});

test("what grows takes the place of others; properties count as well", () => {
  const values = createLastValues({ topicsMax: 1_000, bytesMax: 8_000 });
  for (let at = 0; at < 8; at++) values.put(toValue(`t${at}`, "x".repeat(900)));
  const properties = { userProperties: { name: "y".repeat(3_000) } };
  values.put(toValue("t3", "x", { properties }));
  expect(values.get("t3")?.properties).toEqual(properties);
  expect(values.size).toBeLessThan(7);
  // It gives back what it took.
  values.put(toValue("t3", "x"));
  const { size } = values;
  for (let at = 0; at < 3; at++) values.put(toValue(`new${at}`, "x".repeat(900)));
  expect(values.size).toBe(size + 3);
});

test("a payload longer than an eighth of all bytes is cut and marked", () => {
  const values = createLastValues({ topicsMax: 10, bytesMax: 8_000 });
  values.put(toValue("a", "x".repeat(1_001)));
  expect(values.get("a")).toMatchObject({ payloadBytes: 1_001, isCut: true });
  expect(values.get("a")?.payload).toHaveLength(1_000);
  values.put(toValue("a", "x".repeat(1_000)));
  expect(values.get("a")).toMatchObject({ payloadBytes: 1_000, isCut: false });
});

test("what was recorded never makes others go", () => {
  const values = createLastValues({ topicsMax: 100, bytesMax: 8_000 });
  for (let at = 0; at < 8; at++) values.put(toValue(`t${at}`, "x".repeat(900)));
  values.restore({ ...toValue("old", "y".repeat(900)), payloadBytes: 900, isCut: false }, 1);
  expect(values.get("old")).toBeUndefined();
  expect(values.size).toBe(8);
});
