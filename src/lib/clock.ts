// Time as an argument: what waits is given a clock, and a test gives one that it moves itself.

export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after that time, or at once when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
};

/** The machine's own time. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  wait(ms, signal) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    });
  },
};
