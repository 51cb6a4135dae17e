// The file of the history. Called by its thread alone. A file that cannot be used stays as it is,
// and another is made beside it: recorded messages are worth less than a bridge that runs.

import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { toReason } from "../lib/errors.ts";
import { IN_MEMORY, openDatabase } from "./database-file.ts";

export type HistoryFile = {
  readonly db: Database;
  readonly path: string;
  /** Of the files before it: why they could not be used. */
  readonly problems: readonly string[];
};

/** "Vhis" */
const APPLICATION_ID = 0x56686973;
const FILES_MAX = 9;
const CACHE_KIB = 16 << 10;
/** The pages that change most are written to the file less often than every 4 MiB. */
const LOG_PAGES = 4_096;

/** The payload stands last, since what is before it is read without it. */
const STEPS: readonly string[] = [
  `CREATE TABLE topics (key INTEGER PRIMARY KEY, topic TEXT NOT NULL UNIQUE) STRICT;
   CREATE TABLE messages (
     id INTEGER PRIMARY KEY,
     topic INTEGER NOT NULL,
     qos INTEGER NOT NULL,
     retain INTEGER NOT NULL,
     payload_bytes INTEGER NOT NULL,
     properties TEXT,
     payload BLOB NOT NULL
   ) STRICT;
   CREATE INDEX messages_by_topic ON messages (topic);`,
];

/** Where the history of a data folder is; `number` counts the files that took its place. */
export function toHistoryPath(folder: string, number = 1): string {
  if (folder === IN_MEMORY) return IN_MEMORY;
  return join(folder, number === 1 ? "history.sqlite" : `history-${number}.sqlite`);
}

/** The open file. Throws `store_unusable` when there is none that can be used or made. */
export function openHistoryFile(folder: string): HistoryFile {
  const problems: string[] = [];
  for (let number = 1; ; number++) {
    const path = toHistoryPath(folder, number);
    try {
      const db = openDatabase({
        path,
        applicationId: APPLICATION_ID,
        steps: STEPS,
        synchronous: "NORMAL",
      });
      db.run(`PRAGMA cache_size = -${CACHE_KIB}`);
      db.run(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
      return { db, path, problems };
    } catch (error) {
      if (number === FILES_MAX || folder === IN_MEMORY) throw error;
      problems.push(toReason(error));
    }
  }
}
