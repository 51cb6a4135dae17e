// What a handler is given for a publish or a request: a promise that knows whether anyone takes its
// result. Who does, decides what a failure means; one that nobody looks at is the run's.

export class WatchedPromise<T> extends Promise<T> {
  /** The handler awaits it, or has a callback for it. */
  isTaken = false;

  // What `then` gives is a plain promise: only the first one is watched.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Follows a promise; a rejection that nobody takes is no defect of the process. */
  static follow<T>(promise: Promise<T>): WatchedPromise<T> {
    const watched = new WatchedPromise<T>((resolve, reject) => promise.then(resolve, reject));
    watched.outcome().catch(() => {});
    return watched;
  }

  // biome-ignore lint/suspicious/noThenProperty: a promise has one; this is how it is taken.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isTaken = true;
    return super.then(onFulfilled, onRejected);
  }

  /** The same, without taking it. */
  outcome(): Promise<T> {
    return super.then((value) => value);
  }
}
