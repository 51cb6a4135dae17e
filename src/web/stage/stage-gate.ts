// How many messages may set out on the stage: all, while they are few; of a flood so many that one
// can follow them. Used by stage-play.ts. Pure.

import { addToRate, type Rate, readRate } from "../live/rate.ts";

const FLIGHTS_MAX = 110;
const STARTS_PER_SECOND = 60;
/** Beyond so many messages a second the stage is calm again. */
const FLOOD_PER_SECOND = 150;
const FLOOD_STARTS_PER_SECOND = 15;
const BURST_MAX = 12;
const MS_PER_SECOND = 1_000;
/** Rates fade slowly: fewer are none. */
const AWAY_MIN = 0.5;

export class StageGate {
  readonly #coming: Rate = { perSecond: 0, atMs: 0 };
  readonly #away: Rate = { perSecond: 0, atMs: 0 };
  readonly #shown: Rate = { perSecond: 0, atMs: 0 };
  #room = BURST_MAX;
  #atMs = 0;

  /** Whether one of these messages, which came at once, may set out; `shown` messages with it. */
  pass(count: number, shown: number, flying: number, nowMs: number): boolean {
    addToRate(this.#coming, count, nowMs);
    const isFlood = readRate(this.#coming, nowMs) > FLOOD_PER_SECOND;
    const perSecond = isFlood ? FLOOD_STARTS_PER_SECOND : STARTS_PER_SECOND;
    const gained = ((nowMs - this.#atMs) * perSecond) / MS_PER_SECOND;
    this.#room = Math.min(BURST_MAX, this.#room + gained);
    this.#atMs = nowMs;
    const isPassed = this.#room >= 1 && flying < FLIGHTS_MAX;
    if (isPassed) {
      this.#room -= 1;
      addToRate(this.#shown, shown, nowMs);
    }
    this.turnAway(isPassed ? count - 1 : count, nowMs);
    return isPassed;
  }

  /** Others that nobody will see. */
  turnAway(count: number, nowMs: number): void {
    if (count > 0) addToRate(this.#away, count, nowMs);
  }

  /**
   * How many a second are not shown, of so many that come: none while none was turned away, else
   * all but those that set out, since of what was coalesced nobody has told.
   */
  readMore(perSecond: number, nowMs: number): number {
    const away = readRate(this.#away, nowMs);
    if (away < AWAY_MIN) return 0;
    return Math.round(Math.max(away, perSecond - readRate(this.#shown, nowMs)));
  }
}
