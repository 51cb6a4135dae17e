// Work that is waited for, but not for ever.

import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when the work has ended, or when the time is over; rejects as the work does. */
export async function waitAtMost(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const waited = new AbortController();
  const { signal } = waited;
  const timeout = sleep(timeoutMs, undefined, { signal }).catch(() => {});
  await Promise.race([work, timeout]).finally(() => waited.abort());
}
