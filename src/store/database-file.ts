// A SQLite file of ours: made, checked, and brought to today's schema. Called by the stores, each
// for its own file. What it refuses stays as it is, byte for byte.

import { Database } from "bun:sqlite";
import { closeSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { toReason, ViadutoError } from "../lib/errors.ts";

/** Keeps nothing when it stands for the folder. */
export const IN_MEMORY = ":memory:";

/** How long one process waits for another that writes at the same moment. */
const BUSY_TIMEOUT_MS = 2_000;
/** A larger file is not read as a whole at the start; 1 GiB takes a quarter of a second. */
const CHECKED_BYTES_MAX = 1 << 30;
/** Left of the write-ahead log when its content has moved into the file. */
const LOG_BYTES_MAX = 4 << 20;
/** How every SQLite file begins (sqlite.org/fileformat2.html, section 1.3). */
const MAGIC = "SQLite format 3\0";

export type DatabaseFile = {
  readonly path: string;
  /** Says in the file's header that it is ours. */
  readonly applicationId: number;
  /**
   * Each step brings a file from the version of its place to the next. A step that was released
   * does not change any more.
   */
  readonly steps: readonly string[];
  /** When a commit is on the disk: FULL survives power loss, NORMAL a killed process. */
  readonly synchronous?: "FULL" | "NORMAL";
};

/** The open file; a folder or file that is missing is made. Throws `store_unusable`. */
export function openDatabase(file: DatabaseFile): Database {
  const { path } = file;
  try {
    if (path !== IN_MEMORY) {
      makeFile(path);
      checkFile(file);
    }
    return openChecked(file);
  } catch (cause) {
    throw new ViadutoError("store_unusable", { file: path, reason: toReason(cause) }, { cause });
  }
}

// SQLite gives its log beside the file the rights of the file.
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!statSync(path, { throwIfNoEntry: false })) closeSync(openSync(path, "a", 0o600));
}

// Only reads: a connection that may write would move what a newer version has left in the log.
function checkFile({ path, applicationId, steps }: DatabaseFile): void {
  if (isEmpty(path)) return;
  const db = new Database(path, { readonly: true });
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const isSmall = statSync(path).size <= CHECKED_BYTES_MAX;
    const [problem] = isSmall ? readPragmas(db, "quick_check(1)") : ["ok"];
    if (problem !== "ok") throw new Error(`it is damaged: ${problem}`);
    const { tables } = db
      .query<{ tables: number }, []>("SELECT count(*) AS tables FROM sqlite_schema")
      .get() ?? { tables: 0 };
    if (tables === 0) return; // Made a moment ago, and not filled yet.
    if (readPragmas(db, "application_id")[0] !== applicationId) {
      throw new Error("it is the database of another program");
    }
    checkVersion(readVersion(db), steps);
  } finally {
    db.close();
  }
}

function isEmpty(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(MAGIC.length);
    const length = readSync(file, head);
    if (length > 0 && head.toString("latin1") !== MAGIC) throw new Error("it is no SQLite file");
    return length === 0;
  } finally {
    closeSync(file);
  }
}

function openChecked(file: DatabaseFile): Database {
  const { path, synchronous = "FULL" } = file;
  const db = new Database(path, { readwrite: true, create: false, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (path !== IN_MEMORY) useLog(db);
    // A commit is on the disk before it returns: whoever sent the message is told then that we
    // have it.
    db.run(`PRAGMA synchronous = ${synchronous}`);
    db.run(`PRAGMA journal_size_limit = ${LOG_BYTES_MAX}`);
    db.transaction(() => migrate(db, file)).immediate();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

// Readers and a writer side by side. SQLite waits for no one when two switch at once: the one that
// comes late finds it done.
function useLog(db: Database): void {
  const deadlineMs = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      db.run("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      Bun.sleepSync(5);
    }
  }
}

function migrate(db: Database, { steps, applicationId }: DatabaseFile): void {
  const version = readVersion(db);
  checkVersion(version, steps);
  if (version === steps.length) return;
  for (const step of steps.slice(version)) db.run(step);
  db.run(`PRAGMA application_id = ${applicationId}`);
  db.run(`PRAGMA user_version = ${steps.length}`);
}

function checkVersion(version: number, steps: readonly string[]): void {
  if (version <= steps.length) return;
  throw new Error(`its version is ${version}, and this viaduto knows up to ${steps.length}`);
}

function readVersion(db: Database): number {
  return Number(readPragmas(db, "user_version")[0]);
}

function readPragmas(db: Database, pragma: string): unknown[] {
  return db.query(`PRAGMA ${pragma}`).values().flat();
}
