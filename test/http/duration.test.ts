import { expect, test } from "bun:test";
import { parseDurationMs } from "../../src/http/duration.ts";

test.each([
  ["5s", 5_000],
  ["500ms", 500],
  ["1m", 60_000],
  ["1.5s", 1_500],
  ["2h", 7_200_000],
  ["0s", 0],
])("%s is a duration", (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test.each(["", "5", "s", "-1s", "5 s", "5S", "1e3s", "1s2", "1.s", ".5s", "9".repeat(13), "١s"])(
  "'%s' is none",
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);
