// Work that is done a few at a time, the rest waiting in the order in which it came. Used by
// login-throttle: a hash takes a core for a while, and the event loop and the disk need theirs.

export type Turns = {
  /** What the work resolves to; undefined, without having done it, when too many wait already. */
  run<R>(work: () => Promise<R>): Promise<R | undefined>;
};

export function createTurns(limits: {
  readonly atOnceMax: number;
  readonly waitingMax: number;
}): Turns {
  // A set keeps the order, and its first is found and removed without moving the others.
  const waiting = new Set<() => void>();
  let running = 0;

  function startNext(): void {
    const [start] = waiting;
    if (!start || running >= limits.atOnceMax) return;
    waiting.delete(start);
    running += 1;
    start();
  }
  return {
    async run(work) {
      if (waiting.size >= limits.waitingMax) return undefined;
      const turn = Promise.withResolvers<void>();
      waiting.add(() => turn.resolve());
      startNext();
      await turn.promise;
      try {
        return await work();
      } finally {
        running -= 1;
        startNext();
      }
    },
  };
}
