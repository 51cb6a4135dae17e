// Finds recorded messages by filter and place in time. Called by the history's thread alone. Of a
// long search it does a part at a time, so that batches are written in between. Statements end with
// their search: one that is left would keep the file open after its closing.

import type { Database } from "bun:sqlite";
import { matchPattern, parseFilter } from "../topics/pattern.ts";

export type HistoryQuery = {
  /** An MQTT filter. */
  readonly filter: string;
  /** Only messages with a higher id than this. */
  readonly sinceId?: number | undefined;
  /** Only messages with a lower id than this. */
  readonly untilId?: number | undefined;
  readonly limit: number;
  readonly order: "newest" | "oldest";
};

export type HistoryRow = {
  readonly id: number;
  readonly topic: string;
  readonly qos: number;
  readonly retain: number;
  readonly payload_bytes: number;
  readonly properties: string | null;
  readonly payload: Uint8Array;
};
export type NewestRow = { readonly id: number; readonly messages: number };

type Place = { readonly sql: string; readonly values: readonly number[] };
/** A message whose topic does not matter any more, in the order of the search. */
type Found = { readonly id: number };

/** More topics than this are not asked one by one. */
const SINGLE_TOPICS_MAX = 50;
/** Rows that are looked at before something else has its turn. */
const PAGE_ROWS = 5_000;

/** The ids of what matches, in order, at most `limit`. Throws `pattern_invalid`. */
export async function findIds(
  db: Database,
  query: HistoryQuery,
  giveTurn: () => Promise<void>,
): Promise<number[]> {
  const keys = findTopicKeys(db, query.filter);
  if (keys.length <= SINGLE_TOPICS_MAX) return findInTopics(db, query, keys);
  const wanted = new Set(keys);
  const ids: number[] = [];
  let from: number | undefined;
  for (;;) {
    const page = readPage(db, query, from);
    for (const { id, topic } of page) {
      if (wanted.has(topic)) ids.push(id);
      if (ids.length === query.limit) return ids;
    }
    if (page.length < PAGE_ROWS) return ids;
    from = page.at(-1)?.id;
    await giveTurn();
  }
}

/** Those messages, in that order, until their payloads are more than `bytesMax`; one at least. */
export function readMessages(
  db: Database,
  ids: readonly number[],
  bytesMax: number,
): { readonly rows: HistoryRow[]; readonly lookedAt: number } {
  using read = db.prepare<HistoryRow, [number]>(
    `SELECT id, topics.topic AS topic, qos, retain, payload_bytes, properties, payload
     FROM messages JOIN topics ON topics.key = messages.topic WHERE id = ?`,
  );
  const rows: HistoryRow[] = [];
  let bytes = 0;
  let lookedAt = 0;
  for (const id of ids) {
    if (bytes > bytesMax) break;
    lookedAt += 1;
    const row = read.get(id);
    if (!row) continue; // It went meanwhile.
    rows.push(row);
    bytes += row.payload.length + (row.properties?.length ?? 0);
  }
  return { rows, lookedAt };
}

/** The newest message of each topic, the newest first, and how many of its messages there are. */
export function findNewest(db: Database, limit: number): NewestRow[] {
  using find = db.prepare<NewestRow, [number]>(
    `SELECT max(id) AS id, count(*) AS messages FROM messages
     GROUP BY topic ORDER BY id DESC LIMIT ?`,
  );
  return find.all(limit);
}

function findTopicKeys(db: Database, filter: string): number[] {
  const pattern = parseFilter(filter);
  const literals = pattern.levels.map((level) => (level.kind === "literal" ? level.text : null));
  const end = literals.indexOf(null);
  if (end < 0) {
    using find = db.prepare<{ key: number }, [string]>("SELECT key FROM topics WHERE topic = ?");
    return find.all(filter).map(({ key }) => key);
  }
  const start = literals.slice(0, end).join("/");
  using find = db.prepare<{ key: number; topic: string }, [string, string]>(
    "SELECT key, topic FROM topics WHERE topic >= ? AND topic < ?",
  );
  return find
    .all(start, `${start}\u{10ffff}`)
    .flatMap(({ key, topic }) => (matchPattern(pattern, topic) ? [key] : []));
}

function findInTopics(db: Database, query: HistoryQuery, keys: readonly number[]): number[] {
  const { limit, order } = query;
  const { sql, values } = toPlace(query);
  using find = db.prepare<Found, number[]>(
    `SELECT id FROM messages WHERE topic = ? ${sql} ORDER BY id ${toDirection(order)} LIMIT ?`,
  );
  const ids = keys.flatMap((key) => find.all(key, ...values, limit).map(({ id }) => id));
  ids.sort((one, other) => (order === "newest" ? other - one : one - other));
  return ids.slice(0, limit);
}

function readPage(db: Database, query: HistoryQuery, from: number | undefined) {
  const isNewest = query.order === "newest";
  const rest = isNewest ? { untilId: from ?? query.untilId } : { sinceId: from ?? query.sinceId };
  const { sql, values } = toPlace({ ...query, ...rest });
  using find = db.prepare<Found & { topic: number }, number[]>(
    `SELECT id, topic FROM messages WHERE TRUE ${sql}
     ORDER BY id ${toDirection(query.order)} LIMIT ?`,
  );
  return find.all(...values, PAGE_ROWS);
}

function toPlace({ sinceId, untilId }: Pick<HistoryQuery, "sinceId" | "untilId">): Place {
  const conditions = [
    { sql: "AND id > ?", value: sinceId },
    { sql: "AND id < ?", value: untilId },
  ].flatMap(({ sql, value }) => (value === undefined ? [] : [{ sql, value }]));
  return {
    sql: conditions.map(({ sql }) => sql).join(" "),
    values: conditions.map(({ value }) => value),
  };
}

function toDirection(order: HistoryQuery["order"]): "DESC" | "ASC" {
  return order === "newest" ? "DESC" : "ASC";
}
