// Round-trip times of one measurement, counted in steps of a microsecond: adding one is a single
// array access, however many there are.

const MICROSECONDS_MAX = 1_000_000;

export class Latencies {
  readonly #counts = new Uint32Array(MICROSECONDS_MAX + 1);
  #total = 0;

  /** Longer ones than a second count as a second. */
  add(milliseconds: number): void {
    const microseconds = Math.min(Math.round(milliseconds * 1000), MICROSECONDS_MAX);
    this.#counts[microseconds] = (this.#counts[microseconds] ?? 0) + 1;
    this.#total += 1;
  }

  get total(): number {
    return this.#total;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** Milliseconds that this share (0 to 1) of the round trips did not exceed. */
  percentile(share: number): number {
    const wanted = Math.ceil(this.#total * share);
    let seen = 0;
    for (const [microseconds, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return microseconds / 1000;
    }
    return MICROSECONDS_MAX / 1000;
  }
}
