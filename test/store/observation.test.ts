// What the bridge sees: each message once, for everyone who looks, under ids in order of time.

import { expect, test } from "bun:test";
import {
  createObservation,
  type ObservedMessage,
  toFirstId,
  toTimeMs,
} from "../../src/store/observation.ts";

const MESSAGE = { payload: Buffer.from("x"), qos: 1, retain: false } as const;

test("whoever looks sees each message, until it looks no more", () => {
  const observation = createObservation();
  const seen: Record<string, string[]> = { one: [], two: [] };
  using _ = observation.add(({ topic }) => void seen.one?.push(topic));
  {
    using _ = observation.add(({ topic }) => void seen.two?.push(topic));
    observation.note("a", MESSAGE);
  }
  observation.note("b", MESSAGE);
  expect(seen).toEqual({ one: ["a", "b"], two: ["a"] });
});

test("ids are in order, never twice, and say when", () => {
  const observation = createObservation();
  const seen: ObservedMessage[] = [];
  using _ = observation.add((message) => void seen.push(message));
  const beforeMs = Date.now();
  for (let at = 0; at < 5_000; at++) observation.note("a", MESSAGE);
  const [first] = seen;
  expect(seen.every(({ id }, at) => at === 0 || id > (seen[at - 1]?.id ?? 0))).toBe(true);
  expect(toTimeMs(first?.id ?? 0)).toBe(first?.receivedAtMs ?? 0);
  expect(first?.id).toBeGreaterThanOrEqual(toFirstId(beforeMs));
  expect(Number.isSafeInteger(seen.at(-1)?.id)).toBe(true);
});

test("a mark stands between the messages before it and those after it", () => {
  const observation = createObservation();
  const ids: number[] = [];
  observation.add(({ id }) => void ids.push(id));
  const note = () => {
    observation.note("a", { payload: Buffer.alloc(0), qos: 0, retain: false });
    return ids.at(-1) ?? 0;
  };
  for (let at = 0; at < 100; at++) {
    const before = note();
    const mark = observation.mark();
    expect(mark).toBeGreaterThanOrEqual(before);
    expect(note()).toBeGreaterThan(mark);
  }
});
