// The queries of /retained: which messages, in which form, and what is to be done with them.

import { Type } from "@sinclair/typebox";
import { readFilter } from "./filter-query.ts";
import { type Query, readQuery, toQueryInvalid } from "./query.ts";
import { looseQuery, queryInteger, queryText } from "./route-schemas.ts";

const LIMIT = 100;
export const LIMIT_MAX = 10_000;
const EXPORT_LIMIT_MAX = 1_000_000_000;
const PAYLOAD_BYTES_MAX = 1 << 30;

const FILTER = "an MQTT filter; topics that begin with $ are found by a filter that does, too";
/** Validated by `readQuery`, and said in the documents. */
const choice = (description: string, values: readonly string[], examples: readonly string[] = []) =>
  Type.Optional(
    Type.Unsafe<string>(
      Type.Any({ type: "string", enum: [...values], description, examples: [...examples] }),
    ),
  );
const flag = (description: string, examples: readonly string[] = []) => {
  return choice(description, ["true", "false"], examples);
};

export const LIST_QUERY = looseQuery({
  filter: queryText({ description: `${FILTER}; # when absent` }),
  limit: queryInteger({
    description: `so many at most, ${LIMIT} when absent; NDJSON has all when it is absent`,
    minimum: 1,
    maximum: LIMIT_MAX,
  }),
  after: queryText({ description: "only topics behind this one" }),
  payload_bytes: queryInteger({
    description: "of each payload so many bytes at most; what is longer is cut, and marked so",
    minimum: 0,
    maximum: PAYLOAD_BYTES_MAX,
  }),
  format: choice("what Accept says when absent", ["json", "ndjson"]),
});
export const DELETE_QUERY = looseQuery({
  filter: queryText({ description: `${FILTER}. It must be there: # is all`, examples: ["a/#"] }),
  dry_run: flag("true: only counts, and deletes nothing", ["true"]),
  limit: queryInteger({
    description: "so many at most, in the order of their topics",
    minimum: 1,
    maximum: EXPORT_LIMIT_MAX,
  }),
});
export const RESTORE_QUERY = looseQuery({
  overwrite: flag("true: also where the topic has another retained message by now"),
});

export type ListRequest = {
  readonly filter: string;
  readonly format: "json" | "ndjson";
  readonly limit: number;
  readonly after: string | undefined;
  readonly payloadBytesMax: number;
};
export type DeleteRequest = {
  readonly filter: string;
  readonly isDryRun: boolean;
  readonly limit: number;
};

/** Throws `query_invalid`, as the others here do. */
export function readListQuery(request: Request): ListRequest {
  const query = readQuery(request, ["filter", "limit", "after", "payload_bytes", "format"]);
  const text = query.text("format");
  if (text !== undefined && text !== "json" && text !== "ndjson") {
    throw toQueryInvalid("format", "expected json or ndjson");
  }
  const isAccepted = request.headers.get("Accept")?.includes("application/x-ndjson");
  const format = text ?? (isAccepted ? "ndjson" : "json");
  const limit = query.integer("limit", 1, format === "json" ? LIMIT_MAX : EXPORT_LIMIT_MAX);
  return {
    format,
    filter: readRetainedFilter(query),
    limit: limit ?? (format === "json" ? LIMIT : EXPORT_LIMIT_MAX),
    after: query.text("after"),
    payloadBytesMax:
      query.integer("payload_bytes", 0, PAYLOAD_BYTES_MAX) ?? Number.POSITIVE_INFINITY,
  };
}

export function readDeleteQuery(request: Request, changesMax: number): DeleteRequest {
  const query = readQuery(request, ["filter", "dry_run", "limit"]);
  // What is forgotten must not delete all.
  if (query.text("filter") === undefined) {
    throw toQueryInvalid("filter", "it is missing; # is all, %23 in a URL");
  }
  return {
    filter: readRetainedFilter(query),
    isDryRun: readFlag(query, "dry_run"),
    limit: query.integer("limit", 1, changesMax) ?? changesMax,
  };
}

/** Whether what is there may be overwritten. */
export function readRestoreQuery(request: Request): boolean {
  return readFlag(readQuery(request, ["overwrite"]), "overwrite");
}

function readFlag<Name extends string>(query: Query<Name>, name: Name): boolean {
  const text = query.text(name) ?? "false";
  if (text === "true" || text === "false") return text === "true";
  throw toQueryInvalid(name, "expected true or false");
}

function readRetainedFilter(query: Query<"filter">): string {
  const filter = readFilter(query.text("filter"));
  // A shared subscription brings no retained messages (MQTT 5 section 4.8.2).
  if (filter === "$share" || filter.startsWith("$share/")) {
    throw toQueryInvalid("filter", "a shared filter has no retained messages");
  }
  return filter;
}
