// What handlers publish: a flow tells the topic, and the feed, later, the payload. Used by
// stage-play.ts. Pure.

import { LatestMap } from "./latest-map.ts";
import type { Handled } from "./stage-flight.ts";

const WAITING_MAX = 100;

export class AwaitedReplies {
  /** Topics that handlers have published to, with those whose payload has not been seen yet. */
  readonly #waiting = new LatestMap<readonly Handled[]>();

  /** Whether a handler has published to it. */
  has(topic: string): boolean {
    return this.#waiting.has(topic);
  }

  /** Something went to the topic. */
  note(topic: string): void {
    this.#waiting.set(topic, this.#waiting.get(topic) ?? []);
  }

  /** This run has published to the topic. */
  expect(topic: string, handled: Handled): void {
    handled.hasReply = true;
    const others = this.#waiting.get(topic) ?? [];
    this.#waiting.set(topic, [...others.slice(1 - WAITING_MAX), handled]);
  }

  // What was coalesced before it has no text: the reply of all who wait for one is the newest.
  answer(topic: string, text: string): void {
    if (!this.has(topic)) return;
    for (const handled of this.#waiting.get(topic) ?? []) handled.replyText = text;
    this.#waiting.set(topic, []);
  }
}
