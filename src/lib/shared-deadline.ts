// One timer for any number of things that all have the same time to be done: a timer for each would
// cost a busy server more than what it guards. Used for bodies of HTTP requests.

/** Things that are watched, the oldest first. */
export class SharedDeadline {
  readonly #ms: number;
  readonly #waiting = new Map<() => void, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Calls it when the time has passed, unless it is forgotten before. */
  watch(expire: () => void): void {
    this.#waiting.set(expire, performance.now() + this.#ms);
    this.#timer ??= setTimeout(() => this.#look(), this.#ms);
  }

  forget(expire: () => void): void {
    this.#waiting.delete(expire);
  }

  // It is set for the oldest alone; whoever came later is looked at when that one's time is over.
  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [expire, endsAtMs] of this.#waiting) {
      if (endsAtMs > now) {
        this.#timer = setTimeout(() => this.#look(), endsAtMs - now);
        return;
      }
      this.#waiting.delete(expire);
      expire();
    }
  }
}
