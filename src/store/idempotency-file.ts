// The file of the Idempotency-Keys, and what is asked of it. Called by idempotency.ts alone.

import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { IN_MEMORY, openDatabase } from "./database-file.ts";
import type { IdempotencyLimits, KeyId, StoredAnswer } from "./idempotency.ts";

/** "Vdik" */
const APPLICATION_ID = 0x5664696b;
const STEPS: readonly string[] = [
  `CREATE TABLE answers (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     caller TEXT NOT NULL,
     key TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     fingerprint TEXT NOT NULL,
     status INTEGER NOT NULL,
     headers TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     body BLOB NOT NULL,
     UNIQUE (caller, key)
   ) STRICT;
   CREATE TABLE totals (answers INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
   INSERT INTO totals VALUES (0, 0);
   CREATE TRIGGER answer_comes AFTER INSERT ON answers BEGIN
     UPDATE totals SET answers = answers + 1, bytes = bytes + NEW.bytes;
   END;
   CREATE TRIGGER answer_goes AFTER DELETE ON answers BEGIN
     UPDATE totals SET answers = answers - 1, bytes = bytes - OLD.bytes;
   END;`,
];
/** Most answers that go with one that comes: more than come, so that limits are held up to. */
const TRIM_MAX = 100;

export type Remembered = StoredAnswer & { readonly fingerprint: string; readonly atMs: number };
type Row = {
  readonly at_ms: number;
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: string;
  readonly body: Uint8Array;
};
type Totals = { readonly answers: number; readonly bytes: number };
type Oldest = { readonly id: number; readonly at_ms: number };

/** Where the keys of a data folder are. */
export function toIdempotencyPath(folder: string): string {
  return folder === IN_MEMORY ? IN_MEMORY : join(folder, "idempotency.sqlite");
}

/**
 * The open file. What is written survives the end of this process; a power cut may take the last
 * keys, so that no request waits for the disk. Throws `store_unusable`.
 */
export function openIdempotencyFile(folder: string): Database {
  const path = toIdempotencyPath(folder);
  const file = { path, applicationId: APPLICATION_ID, steps: STEPS } as const;
  return openDatabase({ ...file, synchronous: "NORMAL" });
}

export function readAnswer(db: Database, { caller, key }: KeyId): Remembered | undefined {
  const row = db
    .query<Row, [string, string]>(
      "SELECT at_ms, fingerprint, status, headers, body FROM answers WHERE caller = ? AND key = ?",
    )
    .get(caller, key);
  if (!row) return undefined;
  return {
    atMs: row.at_ms,
    fingerprint: row.fingerprint,
    status: row.status,
    headers: JSON.parse(row.headers) as StoredAnswer["headers"],
    body: Buffer.from(row.body),
  };
}

/** Writes an answer in place of an older one, and lets go what is beyond the limits. */
export function writeAnswer(
  db: Database,
  { caller, key }: KeyId,
  answer: Remembered,
  limits: IdempotencyLimits,
): void {
  const { atMs, fingerprint, status, headers, body } = answer;
  // Not REPLACE, which would not call the trigger that counts.
  db.query("DELETE FROM answers WHERE caller = ? AND key = ?").run(caller, key);
  db.query(
    `INSERT INTO answers (caller, key, at_ms, fingerprint, status, headers, bytes, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(caller, key, atMs, fingerprint, status, JSON.stringify(headers), body.length, body);
  trim(db, limits, atMs);
}

export function countAnswers(db: Database): Totals {
  const totals = db.query<Totals, []>("SELECT answers, bytes FROM totals").get();
  return totals ?? { answers: 0, bytes: 0 };
}

// The oldest go. The newest stays, however large: what was just written is there.
function trim(db: Database, limits: IdempotencyLimits, nowMs: number): void {
  const { keysMax, bytesMax, ageMsMax } = limits;
  for (let count = 0; count < TRIM_MAX; count++) {
    const { answers, bytes } = countAnswers(db);
    const oldest = db.query<Oldest, []>("SELECT id, at_ms FROM answers ORDER BY id LIMIT 1").get();
    if (!oldest || answers <= 1) return;
    const isOver = answers > keysMax || bytes > bytesMax;
    if (!isOver && oldest.at_ms >= nowMs - ageMsMax) return;
    db.query("DELETE FROM answers WHERE id = ?").run(oldest.id);
  }
}
