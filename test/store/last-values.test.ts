// The last value of each topic: a copy, the latest, and of no more topics than allowed.

import { expect, test } from "bun:test";
import { createLastValues } from "../../src/store/last-values.ts";

const toValue = (text: string, more: object = {}) => {
  return { payload: Buffer.from(text), qos: 0, retain: false, ...more } as const;
};

test("the latest message of a topic is kept, with what came along", () => {
  const values = createLastValues(10);
  values.put("a", toValue("one"));
  const properties = { contentType: "text/plain" };
  values.put("a", toValue("two", { qos: 1, retain: true, properties }));
  const value = values.get("a");
  expect(value).toMatchObject({ topic: "a", qos: 1, retain: true, properties });
  expect(String(value?.payload)).toBe("two");
  expect(Date.now() - (value?.receivedAtMs ?? 0)).toBeLessThan(60_000);
  expect(values.get("b")).toBeUndefined();
});

test("payloads of any length follow each other", () => {
  const values = createLastValues(10);
  for (const length of [0, 5, 3, 100_000, 1, 2_000, 0]) {
    values.put("a", toValue("x".repeat(length)));
    expect(String(values.get("a")?.payload)).toBe("x".repeat(length));
  }
});

test("what was put or given is a copy: later changes to it change nothing", () => {
  const values = createLastValues(10);
  const given = toValue("abc");
  values.put("a", given);
  given.payload.fill("x");
  const before = values.get("a");
  values.put("a", toValue("def"));
  expect(String(before?.payload)).toBe("abc");
});

test("no more topics than allowed; one that still has messages stays longest", () => {
  const values = createLastValues(3);
  for (const topic of ["a", "b", "c"]) values.put(topic, toValue(topic));
  values.put("a", toValue("again"));
  values.put("d", toValue("d"));
  expect(values.size).toBe(3);
  expect(values.get("b")).toBeUndefined();
  expect(String(values.get("a")?.payload)).toBe("again");
  for (let at = 0; at < 1_000; at++) values.put(`topic-${at}`, toValue("x"));
  expect(values.size).toBe(3);
  expect(values.get("topic-999")).toBeDefined();
});
