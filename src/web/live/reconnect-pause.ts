// How long to wait before the next attempt to reach the bridge: longer each time, and never all
// pages of a room at once. Pure.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** Before this attempt, counted from 1; `random` is from 0 to 1. Up to half is taken off. */
export function toPauseMs(attempt: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(whole * (1 - random / 2));
}
