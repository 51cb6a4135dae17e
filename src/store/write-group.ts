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
const CANCELLED_MAX = 10_000;

export class WriteGroup {
  readonly #options: WriteGroupOptions;
  readonly #transaction: Transaction;
  readonly #tell: (failure: unknown) => void;
  #changes: Change[] = [];
  /** Of the changes, those that were not taken back. */
  #liveCount = 0;
  #addedCount = 0;
  #waiting: (() => void)[] = [];
  /** There is something to do before the commit. */
  #hasMore = false;
  #isScheduled = false;
  #isRetrying = false;
  #problem: string | undefined;
  #isClosed = false;

  constructor(db: Database, options: WriteGroupOptions) {
    this.#options = options;
    this.#transaction = prepareTransaction(db);
    this.#tell = createTeller(options.log);
  }

  /** Changes that were added since the start. */
  get addedCount(): number {
    return this.#addedCount;
  }

  /** Why the disk takes nothing now, or did not take what was last; undefined when it does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Somebody waits for this change, or will soon. */
  add(change: Change): void {
    this.#changes.push(change);
    this.#liveCount += 1;
    this.#addedCount += 1;
    this.#schedule();
  }

  /** There is something to do before the commit, for which nobody waits. */
  addLater(): void {
    if (this.#hasMore) return;
    this.#hasMore = true;
    setTimeout(() => {
      if (this.#hasMore && !this.#isRetrying) this.#write();
    }, LATER_MS);
  }

  /** Takes a change back that is in no transaction yet. */
  cancel(change: Change): void {
    change.isCancelled = true;
    this.#liveCount -= 1;
    if (this.#liveCount === 0) return this.#finish();
    // While the disk takes nothing, what was taken back must not pile up.
    if (this.#changes.length < 2 * this.#liveCount + CANCELLED_MAX) return;
    this.#changes = this.#changes.filter(({ isCancelled }) => !isCancelled);
  }

  /** Called after the commit of all that was added so far; at once when that is done already. */
  whenCommitted(done: () => void): void {
    if (this.#liveCount === 0) done();
    else this.#waiting.push(done);
  }

  /** Commits now, and nothing after that; false when the disk does not take it. */
  close(): boolean {
    if (this.#isClosed) return this.#liveCount === 0;
    const isDone = this.#write();
    this.#transaction.finalize();
    this.#isClosed = true;
    return isDone;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isRetrying) return;
    this.#isScheduled = true;
    const start = () => {
      this.#isScheduled = false;
      if (!this.#isRetrying) this.#write();
    };
    if (this.#options.gatherMs > 0) setTimeout(start, this.#options.gatherMs);
    else waitTurns(TURNS, start);
  }

  #write(): boolean {
    if (this.#isClosed) return false;
    if (this.#liveCount === 0 && !this.#hasMore) {
      // All that had failed was taken back: the next change is a new attempt.
      this.#isRetrying = false;
      this.#problem = undefined;
      return true;
    }
    const failure = this.#transaction.run(() => {
      for (const change of this.#changes) if (!change.isCancelled) change.run();
      this.#options.beforeCommit();
    });
    this.#tell(failure);
    this.#isRetrying = failure !== undefined;
    this.#problem = this.#isRetrying ? toReason(failure) : undefined;
    if (this.#isRetrying) {
      setTimeout(() => this.#write(), RETRY_MS);
      return false;
    }
    this.#options.afterCommit(this.#changes);
    this.#hasMore = false;
    this.#finish();
    return true;
  }

  #finish(): void {
    this.#changes = [];
    this.#liveCount = 0;
    const done = this.#waiting;
    this.#waiting = [];
    for (const one of done) one();
  }
}

function waitTurns(count: number, done: () => void): void {
  setImmediate(() => (count > 1 ? waitTurns(count - 1, done) : done()));
}

type Transaction = ReturnType<typeof prepareTransaction>;

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
