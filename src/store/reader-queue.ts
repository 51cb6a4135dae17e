// What waits for one reader of a stream: at most so many messages and bytes, whoever does not read.
// What does not fit is not lost unseen: of each topic the newest stays, and beyond that the oldest
// go, and both are counted. Used by reader.ts. Pure; no clock, no I/O.

import type { ObservedMessage } from "./observation.ts";

/** A message for all who watch it. Its payload is its own copy. */
export type WatchedMessage = {
  readonly message: ObservedMessage;
  /** What it takes in memory, about. */
  readonly bytes: number;
  /** What it is encoded to, by the first reader who needs it. */
  json?: string;
  event?: Uint8Array;
};

export type TakenMessage = {
  readonly watched: WatchedMessage;
  /** So many of the topic it stands for that were not shown, since only the newest is wanted. */
  readonly replaced: number;
};

export type QueueLimits = {
  readonly messagesMax: number;
  /** Of what the messages take in memory, by `WatchedMessage.bytes`. */
  readonly bytesMax: number;
};

/** What a reader was not shown since it was told last, by cause. */
export type Missed = {
  /** A newer message of the same topic has taken their place. */
  readonly coalesced: number;
  /** They went although they were the newest of their topic. */
  readonly dropped: number;
};

export class ReaderQueue {
  readonly #limits: QueueLimits;
  readonly #isNewestOnly: boolean;
  /** By topic, how many the newest has replaced, where that is what was asked for. */
  readonly #replaced = new Map<string, number>();
  // In order of arrival: under their id, or under their topic while only the newest are kept.
  readonly #waiting = new Map<number | string, WatchedMessage>();
  #isByTopic: boolean;
  #bytes = 0;
  #coalesced = 0;
  #dropped = 0;

  /**
   * With `isNewestOnly` the reader has asked for the newest of each topic and nothing else: then
   * what a newer one replaces is not missed.
   */
  constructor(limits: QueueLimits, isNewestOnly = false) {
    this.#limits = limits;
    this.#isNewestOnly = isNewestOnly;
    this.#isByTopic = isNewestOnly;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A message waits, or the reader must be told that it missed some. */
  get hasNews(): boolean {
    return this.#waiting.size > 0 || this.#coalesced + this.#dropped > 0;
  }

  put(message: WatchedMessage): void {
    this.#add(message);
    if (this.#isFull() && !this.#isByTopic) this.#coalesce();
    while (this.#isFull()) {
      const [oldest] = this.#waiting;
      if (!oldest) return;
      const [key, { message: gone }] = oldest;
      this.#remove(key);
      this.#replaced.delete(gone.topic);
      this.#dropped += 1;
    }
  }

  /** Takes the oldest out, of `bytesMax` at most, but at least one; none when none waits. */
  take(bytesMax: number): readonly TakenMessage[] {
    const taken: TakenMessage[] = [];
    let bytes = 0;
    for (const [key, message] of this.#waiting) {
      if (taken.length > 0 && bytes + message.bytes > bytesMax) break;
      const replaced = this.#replaced.get(message.message.topic) ?? 0;
      this.#remove(key);
      taken.push({ watched: message, replaced });
      bytes += message.bytes;
    }
    this.#replaced.clear();
    // The reader has caught up: from here on it sees each message again.
    if (this.#waiting.size === 0) this.#isByTopic = this.#isNewestOnly;
    return taken;
  }

  /** What was missed since the last call; undefined when nothing was. */
  takeMissed(): Missed | undefined {
    const missed = { coalesced: this.#coalesced, dropped: this.#dropped };
    this.#coalesced = 0;
    this.#dropped = 0;
    return missed.coalesced + missed.dropped > 0 ? missed : undefined;
  }

  clear(): void {
    this.#waiting.clear();
    this.#replaced.clear();
    this.#bytes = 0;
  }

  #isFull(): boolean {
    const { messagesMax, bytesMax } = this.#limits;
    return this.#waiting.size > messagesMax || this.#bytes > bytesMax;
  }

  #add(message: WatchedMessage): void {
    const { id, topic } = message.message;
    const key = this.#isByTopic ? topic : id;
    // Taken out and put in again, so that it stands behind what came before it.
    if (this.#remove(key)) {
      if (!this.#isNewestOnly) this.#coalesced += 1;
      else this.#replaced.set(topic, (this.#replaced.get(topic) ?? 0) + 1);
    }
    this.#waiting.set(key, message);
    this.#bytes += message.bytes;
  }

  #remove(key: number | string): boolean {
    this.#bytes -= this.#waiting.get(key)?.bytes ?? 0;
    return this.#waiting.delete(key);
  }

  #coalesce(): void {
    const all = [...this.#waiting.values()];
    this.clear();
    this.#isByTopic = true;
    for (const message of all) this.#add(message);
  }
}
