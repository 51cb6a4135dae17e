// How many in a second, lately: what is long ago counts less and less. Pure.

export type Rate = { perSecond: number; atMs: number };

/** After so long, about a third of what was is left. */
const MEMORY_MS = 5_000;
const MS_PER_SECOND = 1_000;

export function addToRate(rate: Rate, count: number, nowMs: number): void {
  rate.perSecond = readRate(rate, nowMs) + (count * MS_PER_SECOND) / MEMORY_MS;
  rate.atMs = nowMs;
}

export function readRate({ perSecond, atMs }: Rate, nowMs: number): number {
  return perSecond * Math.exp(Math.min(0, atMs - nowMs) / MEMORY_MS);
}
