// How long to wait before a message is tried again. Pure.

import type { Retries } from "../topics/handler.ts";

/**
 * Doubles with each attempt that failed, up to the longest; the upper half is random, so that what
 * failed together is not tried together. `random` is from 0 to 1.
 */
export function toHandlerRetryDelayMs(
  { delay, maxDelay }: Required<Retries>,
  attempt: number,
  random: number,
): number {
  const ceiling = Math.min(maxDelay, delay * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
