import { expect, test } from "bun:test";
import { coverSubscriptions, type Subscription } from "../../src/topics/covering-set.ts";

const COUNT = 10_000;

function coverFilters(toFilter: (number: number) => string): Subscription[] {
  return coverSubscriptions(
    Array.from({ length: COUNT }, (_, number) => {
      return { filter: toFilter(number), qos: 1, retained: "send" };
    }),
  );
}

test("what is retained is wanted when one of those covered wants it", () => {
  const cover = (...retained: Subscription["retained"][]) => {
    const given = retained.map((one) => ({ filter: "a", qos: 0, retained: one }) as const);
    return coverSubscriptions(given).map((one) => one.retained);
  };
  expect(cover("ignore", "send")).toEqual(["send"]);
  expect(cover("send", "new")).toEqual(["send"]);
  expect(cover("ignore", "new")).toEqual(["new"]);
  expect(cover("ignore")).toEqual(["ignore"]);
});

// Compared each with each they would take longer than a test may.
test.each([
  ["literal", (at: number) => `devices/${at}/update`, COUNT],
  ["with a parameter at the end", (at: number) => `devices${at}/+`, COUNT],
  ["with a parameter before the end", (at: number) => `devices/+/sensor${at}`, COUNT],
  ["equal", () => "devices/+", 1],
  ["that meet in pairs", (at: number) => `${at >> 1}/${at % 2 ? "+" : "a"}`, COUNT / 2],
  ["that all become one", (at: number) => (at % 2 ? `a${at}/+` : `+/b${at}`), 1],
] as const)("ten thousand filters %s", (_, toFilter, count) => {
  expect(coverFilters(toFilter)).toHaveLength(count);
});
