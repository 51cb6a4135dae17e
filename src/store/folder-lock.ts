// Keeps a second process from the folder of one that runs: both would write, and neither would
// know. The system lets go of the lock when the process ends, however it ends. Used by
// broker-store.

import { Database } from "bun:sqlite";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ViadutoError } from "../lib/errors.ts";

/** Throws `store_unusable` when another process has the folder. */
export function lockFolder(folder: string): Disposable {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "broker.lock");
  const db = new Database(file, { create: true });
  try {
    // SQLite's locks are the system's; nothing is ever written.
    db.run("BEGIN EXCLUSIVE");
  } catch (cause) {
    db.close();
    const reason = "another viaduto that runs has this folder; give each its own with --data";
    throw new ViadutoError("store_unusable", { file: folder, reason }, { cause });
  }
  return {
    [Symbol.dispose]() {
      db.close();
      rmSync(file, { force: true });
    },
  };
}
