// How many messages may set out on the stage: all, while they are few; of a flood so many that one
// can follow them. Used by stage-play.ts. Pure.

import { addToRate, type Rate, readRate } from "../live/rate.ts";

export const FLIGHTS_MAX = 80;
const STARTS_PER_SECOND = 60;
/** Beyond so many messages a second the stage is calm again. */
const FLOOD_PER_SECOND = 150;
const FLOOD_STARTS_PER_SECOND = 15;
const BURST_MAX = 12;
const MS_PER_SECOND = 1_000;

export class StageGate {
  readonly #coming: Rate = { perSecond: 0, atMs: 0 };
  #room = BURST_MAX;
  #atMs = 0;

  /** Whether one of these messages, which came at once, may set out. */
  pass(count: number, flying: number, nowMs: number): boolean {
    addToRate(this.#coming, count, nowMs);
    const isFlood = readRate(this.#coming, nowMs) > FLOOD_PER_SECOND;
    const perSecond = isFlood ? FLOOD_STARTS_PER_SECOND : STARTS_PER_SECOND;
    const gained = ((nowMs - this.#atMs) * perSecond) / MS_PER_SECOND;
    this.#room = Math.min(BURST_MAX, this.#room + gained);
    this.#atMs = nowMs;
    if (this.#room < 1 || flying >= FLIGHTS_MAX) return false;
    this.#room -= 1;
    return true;
  }
}
