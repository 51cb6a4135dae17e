// What is counted of one handler, for /handlers and the log.

import type { ViadutoError } from "../lib/errors.ts";
import { Histogram } from "../lib/histogram.ts";
import { RecentRuns } from "./recent-runs.ts";

export type LastFailure = {
  readonly atMs: number;
  readonly topic: string;
  readonly error: ViadutoError;
  /** Of its message, when that is told. */
  readonly flowId: number | undefined;
};

/** Counts since the handler was loaded first; they outlive its new versions. */
export class Figures {
  /** Messages that came for the handler. */
  received = 0;
  /** Messages whose handler finished. */
  handled = 0;
  /** Attempts that failed. */
  failed = 0;
  /** Attempts after the first. */
  retried = 0;
  /** Messages that went to the dead letters. */
  deadLetters = 0;
  /** The failed attempts by the code of their failure. */
  readonly failedByCode = new Map<string, number>();
  /** Seconds that attempts took. */
  readonly durations = new Histogram();
  readonly recent = new RecentRuns();
  lastFailure: LastFailure | undefined;
  /** The longest time for which the event loop stood still while it ran, milliseconds. */
  stalledMs = 0;

  fail(topic: string, error: ViadutoError, flowId: number | undefined): void {
    this.failed += 1;
    this.failedByCode.set(error.code, (this.failedByCode.get(error.code) ?? 0) + 1);
    this.lastFailure = { atMs: Date.now(), topic, error, flowId };
  }
}
