// What a handler is given for a publish or a request: a promise that knows whether anyone takes its
// result. Who does, decides what a failure means; one that nobody looks at is the run's.

const NEVER = () => {};

export class WatchedPromise<T> extends Promise<T> {
  /** The handler awaits it, or has a callback for it. */
  isTaken = false;
  /** What really happens; the watched promise is only the way to it. */
  readonly outcome: Promise<T>;

  // What `then` gives is a plain promise: only the first one is watched.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  constructor(outcome: Promise<T>) {
    // It never settles by itself: to await it, or to have a callback, is to call `then`.
    super(NEVER);
    this.outcome = outcome;
  }

  // biome-ignore lint/suspicious/noThenProperty: a promise has one; this is how it is taken.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isTaken = true;
    return this.outcome.then(onFulfilled, onRejected);
  }
}
