// What this bridge published to topics that its own handlers listen on. The broker sends it back,
// and nothing in it says whose it was: it is recognised by topic and payload. That works on every
// broker and version, and serves two ends: handlers with `noLocal` are spared it, and a handler
// that answers its own answers is found out by what a message has come through.
//
// Replicas of a group do not know each other's publishes.

import type { OutgoingMessage } from "../topics/message.ts";

/** All messages to own handlers that came of one message, directly or through others. */
export type Family = {
  size: number;
  /** A loop among them is a dead letter already: one is enough. */
  isTold: boolean;
};

/** Where a message comes from. */
export type Lineage = {
  /** Handlers of this bridge that it has passed. */
  readonly hops: number;
  readonly family: Family;
};

/** That of a message which no handler of ours has sent. */
export function createLineage(): Lineage {
  return { hops: 0, family: { size: 0, isTold: false } };
}

type Published = { readonly lineage: Lineage; readonly atMs: number };
type Sent = Pick<OutgoingMessage, "topic" | "payload">;

/** Publishes remembered at once; and for how long, since a broker may never send them back. */
const REMEMBERED_MAX = 10_000;
const REMEMBERED_MS = 60_000;
/** Equal ones, each on its own way. */
const EQUAL_MAX = 1_000;

export class OwnPublishes {
  /** The keys in order of their latest publish; several equal messages may be on the way. */
  readonly #onTheWay = new Map<string, Published[]>();

  /** Remembers a publish. */
  add(message: Sent, lineage: Lineage): void {
    const key = toKey(message);
    const atMs = performance.now();
    const published = this.#onTheWay.get(key) ?? [];
    if (published.length >= EQUAL_MAX) published.shift();
    published.push({ lineage, atMs });
    this.#onTheWay.delete(key);
    this.#onTheWay.set(key, published);
    this.#forget(atMs);
  }

  /** Where a message that came in is from; undefined when it is not our own. */
  take(message: Sent): Lineage | undefined {
    if (this.#onTheWay.size === 0) return undefined;
    return this.#remove(toKey(message), "shift");
  }

  /** The latest equal publish has failed: it will not come back. */
  forget(message: Sent): void {
    this.#remove(toKey(message), "pop");
  }

  #remove(key: string, end: "shift" | "pop"): Lineage | undefined {
    const published = this.#onTheWay.get(key);
    const one = published?.[end]();
    if (published?.length === 0) this.#onTheWay.delete(key);
    if (!one || performance.now() - one.atMs > REMEMBERED_MS) return undefined;
    return one.lineage;
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
function toKey({ topic, payload }: Sent): string {
  return `${topic}\0${Bun.hash(payload)}`;
}
