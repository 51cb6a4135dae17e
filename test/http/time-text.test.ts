// Times of a query.

import { expect, test } from "bun:test";
import { parseTime } from "../../src/http/time-text.ts";

test.each([
  ["2026-01-31T12:00:00Z", Date.UTC(2026, 0, 31, 12)],
  ["2026-01-31T12:00:00.5+02:00", Date.UTC(2026, 0, 31, 10, 0, 0, 500)],
  ["2026-01-31T12:00:00 02:00", Date.UTC(2026, 0, 31, 10)],
  ["1764497553000", 1_764_497_553_000],
  ["15m", 100_000],
  ["9999d", 0],
  ["0001-01-01T00:00:00Z", 0],
])("the time '%s' is %p", (text, ms) => {
  expect(parseTime("since", text, 1_000_000)).toBe(ms);
});

test.each(["yesterday", "2026-02-30T12:00:00Z", "2026-01-31", "2026-01-31 02:00", "-5", "1e3"])(
  "'%s' is no time, and the error names the part of the query",
  (text) => {
    expect(() => parseTime("since", text, 0)).toThrow("the query is not valid: since: expected a");
  },
);
