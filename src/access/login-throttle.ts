// Makes it slow to guess passwords: who has failed often waits before each further attempt. By
// address, not by name, so that nobody can lock a user out. Called by access.

import { availableParallelism } from "node:os";
import type { Clock } from "../lib/clock.ts";
import { toAddressRange } from "./address-range.ts";
import { createTurns } from "./turns.ts";

export type LoginThrottle = {
  /**
   * Whether the check, which may be done later, says that the login is right; "busy" when it was
   * not done, because too many wait already or because of the signal.
   */
  check(address: string, isRight: () => Promise<boolean>): Promise<"right" | "wrong" | "busy">;
  /** Whether an attempt of the address would be delayed now. */
  isDelaying(address: string): boolean;
};

export type ThrottleOptions = {
  readonly clock: Clock;
  /** Aborted, it ends all waits: nobody is let in any more. */
  readonly signal: AbortSignal;
  /** Failures within the window from which on attempts are delayed; 5 when absent. */
  readonly failuresMax?: number;
  /** A minute when absent. */
  readonly windowMs?: number;
  /** The first delay; it doubles with each further failure. 250 when absent. */
  readonly delayMs?: number;
  /** The longest delay; 8,000 when absent. */
  readonly delayMsMax?: number;
  /** Addresses that are remembered; beyond it the one whose failure is longest ago is forgotten. */
  readonly addressesMax?: number;
  /**
   * Attempts of one address that may be delayed at a time; others are turned away. Without this, a
   * delay is nothing to who opens 1,000 connections. 16 when absent.
   */
  readonly delayedMax?: number;
  /** Checks at a time; when absent as many as there are cores but one, for everything else. */
  readonly atOnceMax?: number;
  /** Attempts of all addresses that may wait for their turn. 10,000 when absent. */
  readonly waitingMax?: number;
};

const DEFAULTS = {
  failuresMax: 5,
  windowMs: 60_000,
  delayMs: 250,
  delayMsMax: 8_000,
  addressesMax: 10_000,
  delayedMax: 16,
  waitingMax: 10_000,
} as const;

/** Without an attempt it costs nothing: there is no timer. */
export function createLoginThrottle(options: ThrottleOptions): LoginThrottle {
  const { clock, signal } = options;
  const limits = { ...DEFAULTS, ...options };
  const failures = createFailures(limits);
  const { atOnceMax = Math.max(1, availableParallelism() - 1), waitingMax } = limits;
  const turns = createTurns({ atOnceMax, waitingMax });

  return {
    isDelaying: (address) => failures.findDelay(toAddressRange(address)) > 0,
    async check(address, isRight) {
      const range = toAddressRange(address);
      for (let waitedMs = 0; ; ) {
        // Looked at when it is its turn: of 1,000 attempts at once, the first ones fail meanwhile.
        const outcome = await turns.run(async () => {
          if (signal.aborted) return "busy";
          const owedMs = failures.findDelay(range) - waitedMs;
          if (owedMs > 0) return owedMs;
          const isGranted = await isRight();
          failures.note(range, isGranted);
          return isGranted ? "right" : "wrong";
        });
        if (outcome === undefined) return "busy";
        if (typeof outcome === "string") return outcome;
        using waiting = failures.startWaiting(range);
        if (!waiting) return "busy";
        await clock.wait(outcome, signal);
        waitedMs += outcome;
      }
    },
  };
}

type Failed = {
  /** The newest, oldest first: no more than have a meaning. */
  atMs: readonly number[];
  /** Attempts that are delayed now. */
  delayed: number;
};

function createFailures(limits: Required<Omit<ThrottleOptions, "signal" | "atOnceMax">>) {
  const { clock, failuresMax, delayMs, delayMsMax } = limits;
  const countMax = failuresMax + Math.ceil(Math.log2(delayMsMax / delayMs));
  const ranges = new Map<string, Failed>();
  return {
    findDelay(range: string): number {
      const since = clock.now() - limits.windowMs;
      const recent = ranges.get(range)?.atMs.filter((at) => at > since).length ?? 0;
      if (recent < failuresMax) return 0;
      return Math.min(delayMs * 2 ** (recent - failuresMax), delayMsMax);
    },
    note(range: string, isGranted: boolean): void {
      const failed = ranges.get(range) ?? { atMs: [], delayed: 0 };
      ranges.delete(range);
      if (isGranted) return;
      failed.atMs = [...failed.atMs, clock.now()].slice(-countMax);
      ranges.set(range, failed); // At the end, since a Map keeps the order.
      const [oldest] = ranges.keys();
      if (ranges.size > limits.addressesMax && oldest !== undefined) ranges.delete(oldest);
    },
    /** Undefined when too many of the address wait already. */
    startWaiting(range: string): Disposable | undefined {
      const failed = ranges.get(range) ?? { atMs: [], delayed: 0 };
      if (failed.delayed >= limits.delayedMax) return undefined;
      failed.delayed += 1;
      return {
        [Symbol.dispose]() {
          failed.delayed -= 1;
        },
      };
    },
  };
}
