// A burst is recorded whole, a flood at the pace that is allowed.

import { expect, test } from "bun:test";
import { createPace } from "../../src/store/history-pace.ts";

function countTaken(pace: (atMs: number) => boolean, messages: number, atMs: number): number {
  return Array.from({ length: messages }, () => pace(atMs)).filter(Boolean).length;
}

test("a burst of four seconds' messages is taken, and no more", () => {
  const pace = createPace(100);
  expect(countTaken(pace, 1_000, 1_000)).toBe(400);
  expect(countTaken(pace, 1_000, 1_000)).toBe(0);
});

test("room comes with time, up to a burst", () => {
  const pace = createPace(100);
  countTaken(pace, 1_000, 1_000);
  expect(countTaken(pace, 1_000, 1_500)).toBe(50);
  expect(countTaken(pace, 1_000, 1_510)).toBe(1);
  expect(countTaken(pace, 1_000, 3_600_000)).toBe(400);
});

test("a clock that is set back gives nothing, and takes nothing", () => {
  const pace = createPace(100);
  countTaken(pace, 1_000, 10_000);
  expect(countTaken(pace, 10, 5_000)).toBe(0);
  expect(countTaken(pace, 1_000, 6_000)).toBe(100);
});
