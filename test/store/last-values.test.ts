// The last value of each topic: a copy, the latest, and of no more topics than allowed.

import { expect, test } from "bun:test";
import { createLastValues } from "../../src/store/last-values.ts";
import type { ObservedMessage } from "../../src/store/observation.ts";

const toValue = (topic: string, text: string, more: Partial<ObservedMessage> = {}) => {
  const facts = { id: 1, receivedAtMs: 2, qos: 0, retain: false } as const;
  return { topic, payload: Buffer.from(text), ...facts, ...more };
};

test("the latest message of a topic is kept, with what came along", () => {
  const values = createLastValues(10);
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
  const values = createLastValues(10);
  for (const length of [0, 5, 3, 100_000, 1, 2_000, 0]) {
    values.put(toValue("a", "x".repeat(length)));
    expect(String(values.get("a")?.payload)).toBe("x".repeat(length));
  }
});

test("what was put or given is a copy: later changes to it change nothing", () => {
  const values = createLastValues(10);
  const given = toValue("a", "abc");
  values.put(given);
  given.payload.fill("x");
  const before = values.get("a");
  values.put(toValue("a", "def"));
  expect(String(before?.payload)).toBe("abc");
});

test("no more topics than allowed; one that still has messages stays longest", () => {
  const values = createLastValues(3);
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
