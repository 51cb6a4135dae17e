// Waits, but no longer than the signal lets it. Used by whatever asks the bridge again and again.

/** Resolves after so many milliseconds, or at once when the signal says so. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    clearTimeout(timer);
    // One signal sees many pauses in a day: none may leave a listener behind.
    signal.removeEventListener("abort", end);
    resolve();
  };
  const timer = setTimeout(end, ms);
  signal.addEventListener("abort", end);
  return promise;
}
