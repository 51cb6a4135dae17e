// Times as people write them in a query: `15m` ago, `2026-01-31T12:00:00Z`.

import { isDateTime } from "../topics/date-time.ts";
import { parseDurationMs } from "./duration.ts";
import { toQueryInvalid } from "./query.ts";

/** The + of an offset, which stands for a space in a query unless it is encoded as %2B. */
const OFFSET_SPACE = / (?=\d\d:\d\d$)/;
const MILLISECONDS = /^\d{1,15}$/;

/**
 * Milliseconds since 1970, from an ISO 8601 time, from such milliseconds, or from how long ago it
 * was. Throws `query_invalid` with the name of the part of the query.
 */
export function parseTime(name: string, text: string, nowMs: number): number {
  const agoMs = parseDurationMs(text);
  if (agoMs !== undefined) return Math.max(0, nowMs - agoMs);
  if (MILLISECONDS.test(text)) return Number(text);
  const atMs = readDateTime(text);
  if (!Number.isNaN(atMs)) return Math.max(0, atMs);
  const forms = "2026-01-31T12:00:00Z, milliseconds since 1970, or how long ago, as in 15m";
  throw toQueryInvalid(name, `expected a time such as ${forms}`);
}

/** Milliseconds since 1970 of an ISO 8601 time in a query; NaN when it is none. */
export function readDateTime(text: string): number {
  const whole = text.replace(OFFSET_SPACE, "+");
  return isDateTime(whole) ? Date.parse(whole) : Number.NaN;
}
