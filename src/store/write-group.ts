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
  /** Commits now, and nothing after that; false when the disk does not take it. */
  close(): boolean;
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
  const transact = prepareTransaction(db);
  let changes: (() => void)[] = [];
  let waiting: (() => void)[] = [];
  let isScheduled = false;
  let isClosed = false;
  const tell = createTeller(options.log);

  function write(): boolean {
    isScheduled = false;
    if (isClosed) return false;
    const failure = transact(() => {
      for (const change of changes) change();
      options.beforeCommit();
    });
    tell(failure);
    if (failure) {
      schedule(RETRY_MS);
      return false;
    }
    changes = [];
    options.afterCommit();
    const done = waiting;
    waiting = [];
    for (const one of done) one();
    return true;
  }
  function schedule(waitMs: number): void {
    if (isScheduled) return;
    isScheduled = true;
    if (waitMs > 0) setTimeout(write, waitMs);
    else setImmediate(write);
  }
  return {
    add(change) {
      changes.push(change);
      schedule(options.gatherMs);
    },
    whenCommitted(done) {
      if (changes.length === 0) done();
      else waiting.push(done);
    },
    close() {
      const isDone = changes.length === 0 || write();
      isClosed = true;
      return isDone;
    },
  };
}

/** Does all of it, or nothing and gives what went wrong. */
function prepareTransaction(db: Database) {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollBack = db.prepare("ROLLBACK");
  return (work: () => void): unknown => {
    try {
      begin.run();
      work();
      commit.run();
      return undefined;
    } catch (error) {
      if (db.inTransaction) rollBack.run();
      return error;
    }
  };
}

/** Tells that the disk takes nothing any more, and when it does again: once each. */
function createTeller(log: Logger) {
  let hasFailed = false;
  return (failure: unknown) => {
    if (failure !== undefined && !hasFailed) {
      log.error(`the broker's file takes nothing, and is tried again: ${toReason(failure)}`);
    }
    if (failure === undefined && hasFailed) log.info("the broker's file takes changes again");
    hasFailed = failure !== undefined;
  };
}
