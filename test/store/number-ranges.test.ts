// Numbers as ranges: each number is in one of them, and in no more of them than it takes.

import { expect, test } from "bun:test";
import { NumberRanges } from "../../src/store/number-ranges.ts";

test.each([
  [[], []],
  [[5], [[5, 5]]],
  [[1, 2, 3], [[1, 3]]],
  [
    [1, 2, 4, 5, 9],
    [
      [1, 2],
      [4, 5],
      [9, 9],
    ],
  ],
  [
    [3, 2, 1],
    [
      [3, 3],
      [2, 2],
      [1, 1],
    ],
  ],
] as const)("%j are %j", (numbers, expected) => {
  const ranges = new NumberRanges();
  for (const number of numbers) ranges.add(number);
  expect([...ranges] as unknown).toEqual(expected);
});

test("none are left when they were cleared", () => {
  const ranges = new NumberRanges();
  for (const number of [1, 2]) ranges.add(number);
  ranges.clear();
  ranges.add(3);
  expect([...ranges]).toEqual([[3, 3]]);
});
