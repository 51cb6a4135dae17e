// Durations as they stand in a query: `?timeout=1.5s`, `?wait=500ms`, `?since=7d`. Pure; the bounds
// are up to the route that asks.

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h)$/;
const WHOLE_DURATION = /^(\d{1,12})(ms|s|m|h|d)$/;

/** What a duration looks like, in words that stand after "expected". */
export const DURATION_WORDS = "a duration such as 500ms, 5s or 1m";

/** Milliseconds, rounded: `5s`, `1.5s`, `500ms`, `1m`, `2h`; undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  return toMs(DURATION.exec(text));
}

/** Milliseconds of a whole number of units, days among them: `30s`, `7d`; or undefined. */
export function parseWholeDurationMs(text: string): number | undefined {
  return toMs(WHOLE_DURATION.exec(text));
}

function toMs(match: RegExpExecArray | null): number | undefined {
  const [, number = "", unit = ""] = match ?? [];
  const unitMs = UNITS_MS[unit];
  return unitMs === undefined ? undefined : Math.round(Number(number) * unitMs);
}
