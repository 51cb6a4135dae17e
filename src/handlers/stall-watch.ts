// Notices when the event loop stood still: a handler that computes, or waits in a busy loop, holds
// up every other one, the link and HTTP. Nothing can interrupt it; it can be named.

import { Histogram } from "../lib/histogram.ts";
import type { Logger } from "../lib/log.ts";
import type { Figures } from "./figures.ts";

const LOOK_EVERY_MS = 250;
/** Shorter ones are everyday life. */
const STALL_MS = 500;

/** A handler, as far as the watch knows it. */
type AtWork = {
  readonly named: { readonly name: string };
  readonly figures: Figures;
  readonly load: { readonly running: number };
};

export class StallWatch implements Disposable {
  /** Seconds by which the timer of each look was late. */
  readonly lags = new Histogram();
  readonly #log: Logger;
  readonly #timer: ReturnType<typeof setInterval>;
  #lookedAtMs = performance.now();
  /** Handlers that ran since the last look, or run still. */
  #atWork = new Set<AtWork>();

  constructor(log: Logger) {
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** The handler begins a run. */
  note(handler: AtWork): void {
    this.#atWork.add(handler);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const lateMs = Math.max(0, nowMs - this.#lookedAtMs - LOOK_EVERY_MS);
    this.lags.add(lateMs / 1000);
    const stalledMs = Math.round(lateMs);
    this.#lookedAtMs = nowMs;
    if (stalledMs >= STALL_MS) this.#tell(stalledMs);
    this.#atWork = new Set([...this.#atWork].filter(({ load }) => load.running > 0));
  }

  #tell(stalledMs: number): void {
    const suspects = [...this.#atWork];
    for (const { figures } of suspects) {
      figures.stalledMs = Math.max(figures.stalledMs, stalledMs);
    }
    const seconds = (stalledMs / 1000).toFixed(1);
    const names = suspects.map(({ named }) => named.name);
    this.#log.warn(
      `nothing could run for ${seconds} s: something computed without a pause. At work then: ` +
        `${names.join(", ") || "no handler"}. Await in between, or move the work into a Web Worker`,
      { stalled_ms: stalledMs, handlers: names },
    );
  }
}
