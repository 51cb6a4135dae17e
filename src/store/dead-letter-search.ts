// Finds dead letters by handler, topic and place. Used by dead-letters alone; it reads no payload.

import type { Database } from "bun:sqlite";
import { matchPattern, parseFilter } from "../topics/pattern.ts";

export type Search = {
  readonly order: "newest-first" | "oldest-first";
  readonly limit: number;
  /** Only letters behind this one, in this order. */
  readonly from?: number | undefined;
  readonly handler?: string | undefined;
  /** An MQTT filter. */
  readonly topic?: string | undefined;
  /** Whether letters of the topic are shown; all when absent. */
  readonly isShown?: ((topic: string) => boolean) | undefined;
  /** Only letters that were put before this time. */
  readonly beforeMs?: number | undefined;
};
type Found = { readonly id: number; readonly topic: string };

/** Rows that are looked at in one go. */
const PAGE_ROWS = 1_000;

/** The ids, at most `limit`. Throws `pattern_invalid` for what is no filter. */
export function findIds(db: Database, search: Search): number[] {
  const { topic, limit, isShown = () => true } = search;
  const filter = topic === undefined ? undefined : parseFilter(topic);
  const ids: number[] = [];
  let { from } = search;
  while (ids.length < limit) {
    const isPicky = filter !== undefined || search.isShown !== undefined;
    const rows = isPicky ? PAGE_ROWS : Math.min(PAGE_ROWS, limit - ids.length);
    const page = readPage(db, { ...search, from }, rows);
    const fitting = page.filter((row) => {
      return (!filter || matchPattern(filter, row.topic)) && isShown(row.topic);
    });
    ids.push(...fitting.slice(0, limit - ids.length).map(({ id }) => id));
    from = page.at(-1)?.id;
    if (page.length < rows) break;
  }
  return ids;
}

function readPage(db: Database, search: Search, rows: number): Found[] {
  const { order, from, handler, beforeMs } = search;
  const isNewestFirst = order === "newest-first";
  const conditions = [
    { sql: isNewestFirst ? "id < ?" : "id > ?", value: from },
    { sql: "handler = ?", value: handler },
    { sql: "at_ms < ?", value: beforeMs },
  ].flatMap(({ sql, value }) => (value === undefined ? [] : [{ sql, value }]));
  const where = conditions.map(({ sql }) => `AND ${sql}`).join(" ");
  const direction = isNewestFirst ? "DESC" : "ASC";
  return db
    .query<Found, (string | number)[]>(
      `SELECT id, topic FROM dead_letters WHERE TRUE ${where} ORDER BY id ${direction} LIMIT ?`,
    )
    .all(...conditions.map(({ value }) => value), rows);
}
