// Tells of messages that were not recorded: not one by one, and not more often than every minute.
// Called by history-recording alone.

import { count as countOf } from "../lib/count.ts";
import type { Logger } from "../lib/log.ts";

export type Skipping = {
  readonly add: (count: number, reason: string) => void;
  /** Tells now what is not told yet. */
  readonly tell: () => void;
};

/** More may follow at once. */
const GATHER_MS = 1_000;
const PAUSE_MS = 60_000;

export function createSkipping(log: Logger, onSkip: (count: number) => void): Skipping {
  let untold = 0;
  let reason = "";
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tell(): void {
    clearTimeout(timer);
    timer = undefined;
    if (untold === 0) return;
    log.warn(`${countOf(untold, "message")} could not be recorded: ${reason}`);
    untold = 0;
    toldAtMs = performance.now();
  }
  return {
    add(count, why) {
      onSkip(count);
      untold += count;
      reason = why;
      if (timer !== undefined) return;
      const pauseMs = toldAtMs + PAUSE_MS - performance.now();
      timer = setTimeout(tell, Math.max(GATHER_MS, pauseMs));
      timer.unref();
    },
    tell,
  };
}
