// What this bridge published to topics that its own handlers listen on. The broker sends it back,
// and nothing in it says whose it was: it is recognised by topic and payload. That works on every
// broker and version, and serves two ends: handlers with `noLocal` are spared it, and a handler
// that answers its own answers is found out by the number of handlers that a message has passed.
//
// Replicas of a group do not know each other's publishes.

import type { OutgoingMessage } from "../topics/message.ts";

type Published = { readonly hops: number; readonly atMs: number };

/** Publishes remembered at once; and for how long, since a broker may never send them back. */
const REMEMBERED_MAX = 10_000;
const REMEMBERED_MS = 60_000;
/** Equal ones, each on its own way. */
const EQUAL_MAX = 1_000;

export class OwnPublishes {
  /** In order of age; several equal messages may be on the way. */
  readonly #onTheWay = new Map<string, Published[]>();

  /** Remembers a publish, and how many handlers the message has passed by it. */
  add(message: Pick<OutgoingMessage, "topic" | "payload">, hops: number): void {
    const key = toKey(message);
    const atMs = performance.now();
    const published = this.#onTheWay.get(key) ?? [];
    if (published.length >= EQUAL_MAX) published.shift();
    published.push({ hops, atMs });
    this.#onTheWay.set(key, published);
    this.#forget(atMs);
  }

  /** How many handlers a message that came in has passed; undefined when it is not our own. */
  take(message: Pick<OutgoingMessage, "topic" | "payload">): number | undefined {
    if (this.#onTheWay.size === 0) return undefined;
    const key = toKey(message);
    const published = this.#onTheWay.get(key);
    const first = published?.shift();
    if (published?.length === 0) this.#onTheWay.delete(key);
    return first?.hops;
  }

  #forget(nowMs: number): void {
    for (const [key, published] of this.#onTheWay) {
      const age = nowMs - (published.at(-1)?.atMs ?? 0);
      if (age < REMEMBERED_MS && this.#onTheWay.size <= REMEMBERED_MAX) return;
      this.#onTheWay.delete(key);
    }
  }
}

// No topic has a NUL [MQTT-4.7.3-2].
function toKey({ topic, payload }: Pick<OutgoingMessage, "topic" | "payload">): string {
  return `${topic}\0${Bun.hash(payload)}`;
}
