// How much a counter grows per minute, on average: time is an argument, so the values are exact.

import { expect, test } from "bun:test";
import { createLoad } from "../../src/broker/load-averages.ts";

const SECOND_MS = 1_000;

/** The averages when the counter grows by so much a second, for so long. */
function measure(perSecond: number, seconds: number, stepSeconds = 10): number[] {
  let count = 500; // What was there before does not count.
  const load = createLoad("x", () => count, 0);
  for (let at = stepSeconds; at <= seconds; at += stepSeconds) {
    count += perSecond * stepSeconds;
    load.update(at * SECOND_MS);
  }
  return load.averages().map(({ value }) => value);
}

test("what grows evenly comes near to its growth per minute, the short average first", () => {
  const expected = [1, 5, 15].map((minutes) => 120 * (1 - Math.exp(-1 / minutes)));
  for (const [at, value] of measure(2, 60).entries()) expect(value).toBeCloseTo(expected[at] ?? 0);
  for (const value of measure(2, 4 * 3_600)) expect(value).toBeCloseTo(120, 2);
});

test("the interval changes nothing", () => {
  const often = measure(3, 60, 1);
  for (const [at, value] of measure(3, 60, 30).entries()) expect(value).toBeCloseTo(often[at] ?? 0);
});

test("a load that has ended fades", () => {
  let count = 0;
  const load = createLoad("x", () => count, 0);
  count = 600;
  load.update(60 * SECOND_MS);
  const [before = 0] = load.averages().map(({ value }) => value);
  load.update(120 * SECOND_MS);
  const [after = 0] = load.averages().map(({ value }) => value);
  expect(after).toBeCloseTo(before / Math.E);
});

test("no time, no change", () => {
  let count = 0;
  const load = createLoad("x", () => count, 0);
  load.update(0);
  count = 5;
  load.update(0);
  expect(load.averages()).toEqual([1, 5, 15].map((minutes) => ({ minutes, value: 0 })));
});
