// Waiting for events with a deadline: the only two ways in which the kit waits.

/** How long one wait may take; generous, because a test machine may be busy. */
export const WAIT_TIMEOUT_MS = 10_000;

/** The promise's value, unless it takes longer: then `toError`'s error is thrown. */
export async function before<T>(
  timeoutMs: number,
  promise: Promise<T>,
  toError: () => Error,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(toError()), timeoutMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Something that changes; whoever waits looks again after each change. */
export type Changes = {
  /** To be called after each change. */
  announce(): void;
  /**
   * The first value that `look` gives, now or after a change; what `look` throws ends the wait. It
   * is not called again once it gave a value, so it may take what it finds.
   */
  wait<T>(look: () => T | undefined, timeoutMs: number, toError: () => Error): Promise<T>;
};

export function createChanges(): Changes {
  const watchers = new Set<() => void>();
  return {
    announce() {
      for (const watch of [...watchers]) watch();
    },
    async wait<T>(look: () => T | undefined, timeoutMs: number, toError: () => Error) {
      const found = Promise.withResolvers<T>();
      const watch = () => {
        try {
          const value = look();
          if (value === undefined) return;
          found.resolve(value);
        } catch (error) {
          found.reject(error);
        }
        watchers.delete(watch);
      };
      watchers.add(watch);
      watch();
      try {
        return await before(timeoutMs, found.promise, toError);
      } finally {
        watchers.delete(watch);
      }
    },
  };
}
