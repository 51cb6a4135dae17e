// Changes that share a commit, since a disk is slow by the commit and not by the row. Used by
// broker-store. Unlike group-commit, a change never fails for good: what the disk does not take now
// is tried again, in order, and whoever waits for it goes on waiting. And a change may be taken
// back before its commit: a message that all have acknowledged by then needs no disk at all.

import type { Database } from "bun:sqlite";
import { toReason } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";

export type Change = {
  /** Called within a transaction; more than once, when the disk was full. */
  readonly run: () => void;
  isCancelled?: boolean;
};

export type WriteGroup = {
  /** Somebody waits for this change, or will soon. */
  add(change: Change): void;
  /** There is something to do before the commit, for which nobody waits. */
  addLater(): void;
  /** Takes a change back that is in no transaction yet. */
  cancel(change: Change): void;
  /** Changes that were added since the start. */
  readonly addedCount: number;
  /** Called after the commit of all that was added so far; at once when that is done already. */
  whenCommitted(done: () => void): void;
  /** Commits now, and nothing after that; false when the disk does not take it. */
  close(): boolean;
};

export type WriteGroupOptions = {
  readonly log: Logger;
  /** Done last in every transaction. */
  readonly beforeCommit: () => void;
  /** Called when a transaction is on the disk, with its changes. */
  readonly afterCommit: (changes: readonly Change[]) => void;
  /** How long changes may be gathered, in milliseconds; 0 is a few turns of the event loop. */
  readonly gatherMs: number;
};

/**
 * Turns of the event loop that a change waits for its commit. They take no time when there is
 * nothing else to do. Under load they are what a client that is there needs to acknowledge.
 */
const TURNS = 16;
const LATER_MS = 50;
const RETRY_MS = 1_000;

export function createWriteGroup(db: Database, options: WriteGroupOptions): WriteGroup {
  const transaction = prepareTransaction(db);
  const tell = createTeller(options.log);
  let changes: Change[] = [];
  /** Of the changes, those that were not taken back. */
  let liveCount = 0;
  let addedCount = 0;
  let waiting: (() => void)[] = [];
  let hasMore = false;
  let isScheduled = false;
  let isRetrying = false;
  let isClosed = false;

  function write(): boolean {
    if (isClosed) return false;
    if (liveCount === 0 && !hasMore) return true;
    const failure = transaction.run(() => {
      for (const { run, isCancelled } of changes) if (!isCancelled) run();
      options.beforeCommit();
    });
    tell(failure);
    isRetrying = failure !== undefined;
    if (isRetrying) {
      setTimeout(write, RETRY_MS);
      return false;
    }
    options.afterCommit(changes);
    hasMore = false;
    finish();
    return true;
  }
  function finish(): void {
    changes = [];
    liveCount = 0;
    const done = waiting;
    waiting = [];
    for (const one of done) one();
  }
  function schedule(): void {
    if (isScheduled || isRetrying) return;
    isScheduled = true;
    const start = () => {
      isScheduled = false;
      if (!isRetrying) write();
    };
    if (options.gatherMs > 0) setTimeout(start, options.gatherMs);
    else waitTurns(TURNS, start);
  }
  return {
    get addedCount() {
      return addedCount;
    },
    add(change) {
      changes.push(change);
      liveCount += 1;
      addedCount += 1;
      schedule();
    },
    addLater() {
      if (hasMore) return;
      hasMore = true;
      setTimeout(() => {
        if (hasMore && !isRetrying) write();
      }, LATER_MS);
    },
    cancel(change) {
      change.isCancelled = true;
      liveCount -= 1;
      if (liveCount === 0) finish();
    },
    whenCommitted(done) {
      if (liveCount === 0) done();
      else waiting.push(done);
    },
    close() {
      const isDone = write();
      isClosed = true;
      transaction.finalize();
      return isDone;
    },
  };
}

function waitTurns(count: number, done: () => void): void {
  setImmediate(() => (count > 1 ? waitTurns(count - 1, done) : done()));
}

/** Does all of it, or nothing and gives what went wrong. */
function prepareTransaction(db: Database) {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollBack = db.prepare("ROLLBACK");
  return {
    run(work: () => void): unknown {
      try {
        begin.run();
        work();
        commit.run();
        return undefined;
      } catch (error) {
        if (db.inTransaction) rollBack.run();
        return error;
      }
    },
    finalize() {
      for (const statement of [begin, commit, rollBack]) statement.finalize();
    },
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
