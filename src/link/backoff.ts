// How long to wait before the next attempt to connect. Pure.

const FIRST_DELAY_MS = 250;
/** Low enough that a broker which is back is found within five seconds. */
const DELAY_MS_MAX = 4_000;

/**
 * Milliseconds to wait after this many failures in a row (1 or more): doubling from a quarter of a
 * second to four, of which a random half is taken off, so that many bridges do not come back at
 * once. `random` is between 0 and 1.
 */
export function toRetryDelayMs(failures: number, random: number): number {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), DELAY_MS_MAX);
  return Math.round(delayMs * (1 - random / 2));
}
