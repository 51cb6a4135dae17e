// Times and durations as people write them in a query: `15m`, `2026-01-31T12:00:00Z`.

import { isDateTime } from "../topics/date-time.ts";
import { toQueryInvalid } from "./query.ts";

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION = /^(\d{1,12})(ms|s|m|h|d)$/;
const MILLISECONDS = /^\d{1,15}$/;

/** `30s` in milliseconds; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ""] = DURATION.exec(text) ?? [];
  const factor = UNITS[unit];
  return factor === undefined ? undefined : Number(number) * factor;
}

/**
 * Milliseconds since 1970, from an ISO 8601 time, from such milliseconds, or from how long ago it
 * was. Throws `query_invalid` with the name of the part of the query.
 */
export function parseTime(name: string, text: string, nowMs: number): number {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return Math.max(0, nowMs - agoMs);
  if (MILLISECONDS.test(text)) return Number(text);
  const atMs = isDateTime(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return Math.max(0, atMs);
  const forms = "2026-01-31T12:00:00Z, milliseconds since 1970, or how long ago, as in 15m";
  throw toQueryInvalid(name, `expected a time such as ${forms}`);
}
