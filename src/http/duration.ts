// Durations as they stand in a query: `?timeout=5s`, `?wait=500ms`. Pure; the bounds are up to the
// route that asks.

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DURATION = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h)$/;

/** What a duration looks like, in words that stand after "expected". */
export const DURATION_WORDS = "a duration such as 500ms, 5s or 1m";

/** Milliseconds, rounded: `5s`, `1.5s`, `500ms`, `1m`, `2h`; undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  const [, number = "", unit = ""] = DURATION.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  return unitMs === undefined ? undefined : Math.round(Number(number) * unitMs);
}
