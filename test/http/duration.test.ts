import { expect, test } from "bun:test";
import { parseDurationMs, readDurationMs } from "../../src/http/duration.ts";

test.each([
  ["5s", 5_000],
  ["500ms", 500],
  ["1m", 60_000],
  ["1.5s", 1_500],
  ["2h", 7_200_000],
  ["0s", 0],
  ["7d", 604_800_000],
])("%s is a duration", (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test.each(["", "5", "s", "-1s", "5 s", "5S", "1e3s", "1s2", "1.s", ".5s", "9".repeat(13), "١s"])(
  "'%s' is none",
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);

test.each([
  ["1.5s", 60_000, 1_500],
  ["1m", 60_000, 60_000],
])("%s is within %p ms", (text, maximumMs, ms) => {
  expect(readDurationMs("wait", text, { maximumMs })).toBe(ms);
});

test.each([
  ["2m", 60_000, "1m at most"],
  ["soon", 90_000, "90s at most"],
  ["0s", 600_000, "10m at most"],
])("%s is refused, with the bound of %p ms in words", (text, maximumMs, words) => {
  const read = () => readDurationMs("wait", text, { minimumMs: 1, maximumMs });
  expect(read).toThrow(`wait: expected a duration such as 500ms, 5s or 1m, ${words}`);
});
