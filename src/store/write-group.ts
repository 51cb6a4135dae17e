// Changes that share a commit: all that come in one turn of the event loop are one transaction,
// since a disk is slow by the commit and not by the row. Used by broker-store. Unlike group-commit,
// a change never fails for good: what the disk does not take now is tried again, in order, and
// whoever waits for it goes on waiting.

import type { Database } from "bun:sqlite";
import { toReason } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";

export type WriteGroup = {
  /** Does it within the next commit; more than once, when the disk was full. */
  add(change: () => void): void;
  /** Called after the commit of all that was added so far; at once when that is done already. */
  whenCommitted(done: () => void): void;
  /** Commits now; false when the disk does not take it. */
  flush(): boolean;
};

export type WriteGroupOptions = {
  readonly log: Logger;
  /** Done last in every transaction that has a change. */
  readonly beforeCommit: () => void;
  /** Called when a transaction is on the disk. */
  readonly afterCommit: () => void;
  /** How long changes are gathered, in milliseconds; 0 is to the end of this turn. */
  readonly gatherMs: number;
};

const RETRY_MS = 1_000;

export function createWriteGroup(db: Database, options: WriteGroupOptions): WriteGroup {
  const { log, gatherMs } = options;
  let changes: (() => void)[] = [];
  let waiting: (() => void)[] = [];
  let timer: object | undefined;
  let hasFailed = false;
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollBack = db.prepare("ROLLBACK");

  function write(): boolean {
    timer = undefined;
    try {
      begin.run();
      for (const change of changes) change();
      options.beforeCommit();
      commit.run();
    } catch (error) {
      if (db.inTransaction) rollBack.run();
      if (!hasFailed)
        log.error(`the broker's file takes nothing: ${toReason(error)}; it is tried again`);
      hasFailed = true;
      timer = setTimeout(write, RETRY_MS);
      return false;
    }
    if (hasFailed) log.info("the broker's file takes changes again");
    hasFailed = false;
    changes = [];
    options.afterCommit();
    const done = waiting;
    waiting = [];
    for (const one of done) one();
    return true;
  }
  return {
    add(change) {
      changes.push(change);
      timer ??= gatherMs > 0 ? setTimeout(write, gatherMs) : setImmediate(write);
    },
    whenCommitted(done) {
      if (changes.length === 0) done();
      else waiting.push(done);
    },
    flush: () => changes.length === 0 || write(),
  };
}
