// The last messages as cards: one for each topic, which stays where it is while others change. Used
// by stage.ts. Pure.

import type { MessageJson } from "../live/bridge-answers.ts";
import { toValueWords, type ValueWords } from "./stage-words.ts";

export type StageCard = {
  readonly topic: string;
  readonly words: ValueWords;
  /** When it passed, in ms since 1970. */
  readonly atMs: number;
};
type Shown = Pick<MessageJson, "topic" | "id" | "payload" | "payload_encoding" | "payload_bytes">;

const MICROSECONDS_PER_MS = 1_000;

export class CardDeck {
  #cards: StageCard[] = [];
  #cardsMax: number;

  constructor(cardsMax: number) {
    this.#cardsMax = cardsMax;
  }

  get cards(): readonly StageCard[] {
    return this.#cards;
  }

  get cardsMax(): number {
    return this.#cardsMax;
  }

  /** Fewer, on a smaller screen: the newest stay. */
  setCardsMax(cardsMax: number): void {
    if (this.#cards.length > cardsMax) {
      this.#cards = this.#cards.toSorted((one, other) => other.atMs - one.atMs).slice(0, cardsMax);
    }
    this.#cardsMax = cardsMax;
  }

  take(message: Shown): void {
    const { topic, id } = message;
    const atMs = Math.floor(id / MICROSECONDS_PER_MS);
    const place = this.#findPlace(topic);
    const shown = this.#cards[place];
    if (shown && shown.atMs > atMs) return; // An old one, of a topic that has not changed since.
    this.#cards[place] = { topic, words: toValueWords(message), atMs };
  }

  clear(): void {
    this.#cards = [];
  }

  #findPlace(topic: string): number {
    const known = this.#cards.findIndex((card) => card.topic === topic);
    if (known >= 0) return known;
    if (this.#cards.length < this.#cardsMax) return this.#cards.length;
    const oldest = Math.min(...this.#cards.map(({ atMs }) => atMs));
    return this.#cards.findIndex(({ atMs }) => atMs === oldest);
  }
}
