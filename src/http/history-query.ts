// The query of GET /history: what is asked for, and in which form.

import { Type } from "@sinclair/typebox";
import type { HistoryQuery } from "../store/history.ts";
import { toFirstId } from "../store/observation.ts";
import { readFilter } from "./filter-query.ts";
import { OTHER_NAMES, type Query, readQuery, toQueryInvalid } from "./query.ts";
import { parseTime } from "./time-text.ts";

export type HistoryFormat = "json" | "ndjson" | "csv";

export type HistoryRequest = {
  readonly query: HistoryQuery;
  readonly format: HistoryFormat;
};

export const LIMIT = 100;
export const LIMIT_MAX = 1_000;
const EXPORT_LIMIT_MAX = 1_000_000_000;

const FORMATS: Readonly<Record<string, HistoryFormat>> = {
  json: "json",
  ndjson: "ndjson",
  csv: "csv",
};
const MEDIA_TYPES = { "application/x-ndjson": "ndjson", "text/csv": "csv" } as const;
const NAMES = ["filter", "since", "until", "limit", "order", "after", "format"] as const;
type Name = (typeof NAMES)[number];

const optionalText = (description: string) => Type.Optional(Type.String({ description }));
const TIME = "ISO 8601, milliseconds since 1970, or how long ago, as in 15m (ms, s, m, h, d)";

export const HISTORY_QUERY = Type.Object(
  {
    filter: optionalText("an MQTT filter; # when absent"),
    since: optionalText(`messages of this time and later: ${TIME}`),
    until: optionalText(`messages before this time: ${TIME}`),
    limit: optionalText(
      `1 to ${LIMIT_MAX}, ${LIMIT} when absent; NDJSON and CSV have all when it is absent`,
    ),
    order: optionalText("newest (first; when absent) or oldest (first)"),
    after: optionalText("only messages behind the one with this id, in this order"),
    format: optionalText("json, ndjson or csv; what Accept says when absent"),
  },
  OTHER_NAMES,
);

/** Throws `query_invalid`. */
export function readHistoryQuery(request: Request, nowMs: number): HistoryRequest {
  const query = readQuery(request, NAMES);
  const format = readFormat(query, request);
  const order = readOrder(query);
  const isPage = format === "json";
  const limitMax = isPage ? LIMIT_MAX : EXPORT_LIMIT_MAX;
  const limit = query.integer("limit", 1, limitMax) ?? (isPage ? LIMIT : EXPORT_LIMIT_MAX);
  const after = query.integer("after", 1, Number.MAX_SAFE_INTEGER);
  const since = readTime(query, "since", nowMs);
  const until = readTime(query, "until", nowMs);
  const sinceIds = [since === undefined ? undefined : toFirstId(since) - 1];
  const untilIds = [until === undefined ? undefined : toFirstId(until)];
  (order === "newest" ? untilIds : sinceIds).push(after);
  return {
    format,
    query: {
      filter: readFilter(query.text("filter")),
      sinceId: pick(Math.max, sinceIds),
      untilId: pick(Math.min, untilIds),
      limit,
      order,
    },
  };
}

/** The rest of a query, behind the message with that id. */
export function toRest(query: HistoryQuery, id: number, limit: number): HistoryQuery {
  const place = query.order === "newest" ? { untilId: id } : { sinceId: id };
  return { ...query, ...place, limit };
}

function readFormat(query: Query<Name>, { headers }: Request): HistoryFormat {
  const text = query.text("format");
  if (text !== undefined) {
    const format = Object.hasOwn(FORMATS, text) ? FORMATS[text] : undefined;
    if (!format) throw toQueryInvalid("format", "expected json, ndjson or csv");
    return format;
  }
  const accepted = headers.get("Accept") ?? "";
  for (const [type, format] of Object.entries(MEDIA_TYPES)) {
    if (accepted.includes(type)) return format;
  }
  return "json";
}

function readOrder(query: Query<Name>): HistoryQuery["order"] {
  const text = query.text("order") ?? "newest";
  if (text === "newest" || text === "oldest") return text;
  throw toQueryInvalid("order", "expected newest or oldest");
}

function readTime(query: Query<Name>, name: "since" | "until", nowMs: number): number | undefined {
  const text = query.text(name);
  return text === undefined ? undefined : parseTime(name, text, nowMs);
}

function pick(
  choose: (...values: number[]) => number,
  values: readonly (number | undefined)[],
): number | undefined {
  const present = values.filter((value) => value !== undefined);
  return present.length > 0 ? choose(...present) : undefined;
}
