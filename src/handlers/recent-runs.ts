// How a handler fares now: how fast its messages come, and how long its last runs took. Filled by
// worker, shown by GET /handlers. Always of the same size.

/** Whole seconds over which the rate is taken. */
const RATE_SECONDS = 10;
/** Runs of which quantiles are made. */
const RUNS_MAX = 512;

export class RecentRuns {
  /** Messages of each second, around; one more than counts, since this second is not over. */
  readonly #counts = new Uint32Array(RATE_SECONDS + 1);
  readonly #durationsMs = new Float32Array(RUNS_MAX);
  #second = 0;
  #firstSecond: number | undefined;
  #runs = 0;

  /** A message has come; `nowMs` is performance.now(). */
  addMessage(nowMs: number): void {
    const slot = this.#moveTo(nowMs);
    this.#firstSecond ??= this.#second;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  addRun(durationMs: number): void {
    this.#durationsMs[this.#runs % RUNS_MAX] = durationMs;
    this.#runs += 1;
  }

  /** Messages per second, over the last ten whole seconds and what there is of this one. */
  ratePerSecond(nowMs: number): number {
    this.#moveTo(nowMs);
    if (this.#firstSecond === undefined) return 0;
    const sum = this.#counts.reduce((all, count) => all + count, 0);
    const sinceSecond = Math.max(this.#firstSecond, this.#second - RATE_SECONDS);
    return sum / Math.max(1, nowMs / 1_000 - sinceSecond);
  }

  /** What this part of the last runs did not exceed, milliseconds; undefined before the first. */
  quantileMs(part: number): number | undefined {
    const count = Math.min(this.#runs, RUNS_MAX);
    if (count === 0) return undefined;
    const sorted = this.#durationsMs.slice(0, count).sort();
    return sorted[Math.ceil(part * count) - 1];
  }

  // Empties the seconds in which nothing came.
  #moveTo(nowMs: number): number {
    const second = Math.floor(nowMs / 1_000);
    const { length } = this.#counts;
    if (second - this.#second >= length) this.#counts.fill(0);
    else for (let at = this.#second + 1; at <= second; at++) this.#counts[at % length] = 0;
    this.#second = second;
    return second % length;
  }
}
