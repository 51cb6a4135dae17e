// How long things take, counted by bounds: what a monitoring system makes quantiles of. Filled by
// whoever does the things, read by /metrics. Data only.

/** Seconds: from less than a turn of the event loop to what a person gives up on. */
export const DURATION_BOUNDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

export class Histogram {
  readonly bounds: readonly number[];
  /** Values up to each bound and above the one before it; the last has what is above all. */
  readonly counts: number[];
  sum = 0;

  /** `bounds` ascend. */
  constructor(bounds: readonly number[] = DURATION_BOUNDS) {
    this.bounds = bounds;
    this.counts = new Array(bounds.length + 1).fill(0);
  }

  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  add(value: number): void {
    let at = 0;
    // Few bounds, and most values are small: faster than halving.
    while (at < this.bounds.length && value > (this.bounds[at] ?? 0)) at += 1;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }
}
