// A clock that a test moves: the waits between retries end when the test says so.

import type { Clock } from "../lib/clock.ts";

type Wait = { readonly atMs: number; readonly end: () => void };

export class ManualClock implements Clock {
  #nowMs = Date.now();
  readonly #waits = new Set<Wait>();

  now(): number {
    return this.#nowMs;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    const wait = { atMs: this.#nowMs + ms, end };
    this.#waits.add(wait);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    return promise.finally(() => {
      this.#waits.delete(wait);
      signal.removeEventListener("abort", end);
    });
  }

  /** Moves on to the next wait that ends until then, and ends it; false when there is none. */
  moveTo(untilMs: number): boolean {
    const [next] = [...this.#waits].sort((one, other) => one.atMs - other.atMs);
    if (!next || next.atMs > untilMs) {
      this.#nowMs = untilMs;
      return false;
    }
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    this.#waits.delete(next);
    next.end();
    return true;
  }
}
