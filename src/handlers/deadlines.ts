// Deadlines of what runs: thousands begin and end each second, and hardly one is ever missed. So
// one timer serves all of them, and neither beginning nor ending touches it. Used by worker.

type Deadline = {
  readonly atMs: number;
  readonly miss: () => void;
  /** Its place in the list; -1 when it is in none. */
  place: number;
};

export class Deadlines implements Disposable {
  /** In no order: what is removed leaves its place to the last. */
  #open: Deadline[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  /** Calls `miss` after that time, unless `remove` was called before. */
  add(ms: number, miss: () => void): Deadline {
    const deadline = { atMs: performance.now() + ms, miss, place: this.#open.length };
    this.#open.push(deadline);
    if (deadline.atMs < this.#timerAtMs) this.#arm(deadline.atMs);
    return deadline;
  }

  remove(deadline: Deadline): void {
    const { place } = deadline;
    if (place === -1) return;
    deadline.place = -1;
    const last = this.#open.pop();
    if (!last || last === deadline) return;
    this.#open[place] = last;
    last.place = place;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#open = [];
  }

  #arm(atMs: number): void {
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => this.#missDue(), Math.ceil(atMs - performance.now()));
  }

  #missDue(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const deadline of [...this.#open]) {
      if (deadline.atMs > nowMs) {
        nextAtMs = Math.min(nextAtMs, deadline.atMs);
        continue;
      }
      this.remove(deadline);
      deadline.miss();
    }
    if (nextAtMs < this.#timerAtMs) this.#arm(nextAtMs);
  }
}
