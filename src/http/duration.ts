// Durations as they stand in a query: `?timeout=1.5s`, `?wait=500ms`, `?since=7d`. Pure; the bounds
// are up to the route that asks.

import { toQueryInvalid } from "./query.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/;

/** Milliseconds, rounded: `5s`, `1.5s`, `500ms`, `1m`, `2h`, `7d`; undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  const [, number = "", unit = ""] = DURATION.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  return unitMs === undefined ? undefined : Math.round(Number(number) * unitMs);
}

type Bounds = { readonly minimumMs?: number; readonly maximumMs: number };

/** The same of a part of the query, within bounds. Throws `query_invalid`. */
export function readDurationMs(
  name: string,
  text: string,
  { minimumMs = 0, maximumMs }: Bounds,
): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= minimumMs && ms <= maximumMs) return ms;
  const most = toDurationText(maximumMs);
  throw toQueryInvalid(name, `expected a duration such as 500ms, 5s or 1m, ${most} at most`);
}

function toDurationText(ms: number): string {
  const [unit, unitMs] = Object.entries(UNITS_MS).findLast(([, one]) => ms % one === 0) ?? [
    "ms",
    1,
  ];
  return `${ms / unitMs}${unit}`;
}
