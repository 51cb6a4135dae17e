// The dead letters: messages that reached no handler because their payload did not fit, or whose
// handler failed to the last. Dispatch puts them here before it acknowledges the message, HTTP and
// `viaduto dead` show them. Never runs a handler, and never sends anything.

import type { Database } from "bun:sqlite";
import { toReason, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { type DeadLetterLimits, readTotals, startTrimming, trim } from "./dead-letter-limits.ts";
import {
  type DeadLetter,
  type Failure,
  type FailureColumns,
  fromRow,
  type NewDeadLetter,
  type NewRow,
  type Row,
  toFailureColumns,
  toRow,
} from "./dead-letter-row.ts";
import { findIds } from "./dead-letter-search.ts";
import { openDeadLettersFile, toDeadLettersPath } from "./dead-letters-file.ts";
import { createGroupCommit } from "./group-commit.ts";

export type { DeadLetter, NewDeadLetter } from "./dead-letter-row.ts";

export type DeadLettersQuery = {
  /** 100 when absent. */
  readonly limit?: number | undefined;
  /** Only letters older than this one. */
  readonly beforeId?: number | undefined;
  readonly handler?: string | undefined;
  /** An MQTT filter. */
  readonly topic?: string | undefined;
  /** Whether letters of the topic are shown; all when absent. */
  readonly isShown?: ((topic: string) => boolean) | undefined;
  /** No more of each payload than this is read; all of it when absent. */
  readonly payloadBytesMax?: number | undefined;
};

export type DeadLettersPurge = {
  readonly handler?: string | undefined;
  /** Only letters that were put before this time. */
  readonly beforeMs?: number | undefined;
};

/** Each method throws `store_failed` when the disk does not do its part. */
export type DeadLetters = AsyncDisposable & {
  /** Resolves with the id when it is on disk. */
  put(letter: NewDeadLetter): Promise<number>;
  /** Newest first. Throws `pattern_invalid`. */
  list(query?: DeadLettersQuery): readonly DeadLetter[];
  /** Oldest first, the order in which they are handled again. */
  listIds(query: { limit: number; handler?: string | undefined }): readonly number[];
  get(id: number): DeadLetter | undefined;
  /** A redrive failed: what is known of it is brought up to date. */
  update(id: number, failure: Failure): void;
  /** Whether it was there. */
  remove(id: number): boolean;
  /** How many went; all when nothing is asked. */
  purge(query?: DeadLettersPurge): number;
  readonly size: number;
  /** Of all payloads together. */
  readonly bytes: number;
  /** How many the limits pushed out since the start. */
  readonly dropped: number;
};

export type DeadLettersOptions = DeadLetterLimits & {
  /** Where the file is, or `:memory:`. */
  readonly folder: string;
  readonly log: Logger;
  readonly now?: () => number;
};

/** A group takes a few milliseconds, most of them the disk's; the loop waits no longer. */
const GROUP_LETTERS_MAX = 200;
const GROUP_BYTES_MAX = 1 << 20;
const LIST_MAX = 100;
const PURGE_LETTERS_MAX = 500;
const COLUMNS = `at_ms, handler, topic, payload_bytes, qos, retain, duplicate, received_at_ms,
  code, reason, path, attempts, stack, properties`;

/**
 * The dead letters of a folder, which is made when it is missing. Two processes may have them open
 * at once. Beyond a limit the oldest go; a limit may be infinite. Throws `store_unusable`, and
 * leaves a file that it cannot read untouched.
 */
export function openDeadLetters(options: DeadLettersOptions): DeadLetters {
  const { folder, log, now = Date.now } = options;
  const db = openDeadLettersFile(folder);
  const guard = createGuard(toDeadLettersPath(folder));
  const trimAll = db.transaction(() => trim(db, options, now()));
  const trimming = startTrimming(() => guard(() => trimAll.immediate()), options, log);
  const write = db.transaction((rows: readonly NewRow[]) => {
    const ids = insertRows(db, rows, now());
    return { ids, gone: trim(db, options, now()) };
  });
  const commit = createGroupCommit(
    (rows: readonly NewRow[]) => {
      const { ids, gone } = guard(() => write.immediate(rows));
      trimming.add(gone);
      return ids;
    },
    { itemsMax: GROUP_LETTERS_MAX, bytesMax: GROUP_BYTES_MAX, toBytes: (row) => row.payload_bytes },
  );
  return {
    put: async (letter) => commit.add(toRow(letter)),
    list: (query = {}) => guard(() => listLetters(db, query)),
    listIds: (query) => guard(() => findIds(db, { order: "oldest-first", ...query })),
    get: (id) => guard(() => readLetter(db, id)),
    update: (id, failure) => guard(() => updateRow(db, id, failure)),
    remove: (id) => {
      return guard(() => db.query("DELETE FROM dead_letters WHERE id = ?").run(id).changes > 0);
    },
    purge: (query = {}) => guard(() => purgeRows(db, query)),
    get size() {
      return guard(() => readTotals(db).letters);
    },
    get bytes() {
      return guard(() => readTotals(db).bytes);
    },
    get dropped() {
      return trimming.dropped;
    },
    async [Symbol.asyncDispose]() {
      commit.flush();
      trimming[Symbol.dispose]();
      db.close();
    },
  };
}

// What SQLite says, in the catalogue's words.
function createGuard(file: string) {
  return <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof ViadutoError) throw cause;
      throw new ViadutoError("store_failed", { file, reason: toReason(cause) }, { cause });
    }
  };
}

function insertRows(db: Database, rows: readonly NewRow[], atMs: number): number[] {
  const insert = db.query<{ id: number }, NewRow & { at_ms: number }>(
    `INSERT INTO dead_letters (${COLUMNS}, payload)
     VALUES (${COLUMNS.replaceAll(/\w+/g, "$$$&")}, $payload) RETURNING id`,
  );
  return rows.map((row) => insert.get({ ...row, at_ms: atMs })?.id ?? 0);
}

function listLetters(db: Database, query: DeadLettersQuery): DeadLetter[] {
  const { limit = LIST_MAX, beforeId: from, payloadBytesMax, handler, topic, isShown } = query;
  const ids = findIds(db, { order: "newest-first", limit, from, handler, topic, isShown });
  // One that another process has removed meanwhile is not there.
  return ids.flatMap((id) => readLetter(db, id, payloadBytesMax) ?? []);
}

function readLetter(db: Database, id: number, payloadBytesMax?: number): DeadLetter | undefined {
  const row = db
    .query<Row, [number, number]>(
      `SELECT id, redrives, ${COLUMNS}, coalesce(substr(payload, 1, ?), x'') AS payload
       FROM dead_letters WHERE id = ?`,
    )
    .get(payloadBytesMax ?? Number.MAX_SAFE_INTEGER, id);
  return row ? fromRow(row) : undefined;
}

function updateRow(db: Database, id: number, failure: Failure): void {
  db.query<never, FailureColumns & { id: number }>(
    `UPDATE dead_letters SET code = $code, reason = $reason, path = $path, attempts = $attempts,
       stack = $stack, redrives = redrives + 1 WHERE id = $id`,
  ).run({ ...toFailureColumns(failure), id });
}

// In parts, so that another process that wants to write waits for one of them and not for all.
function purgeRows(db: Database, { handler, beforeMs }: DeadLettersPurge): number {
  const remove = db.query("DELETE FROM dead_letters WHERE id IN (SELECT value FROM json_each(?))");
  const search = { order: "oldest-first", limit: PURGE_LETTERS_MAX, handler, beforeMs } as const;
  let purged = 0;
  let from: number | undefined;
  do {
    const ids = findIds(db, { ...search, from });
    if (ids.length > 0) purged += remove.run(JSON.stringify(ids)).changes;
    from = ids.at(-1);
  } while (from !== undefined);
  return purged;
}
