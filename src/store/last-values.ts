// The last message of every topic that the bridge has seen, in memory and bounded.

import type { Message } from "../topics/message.ts";

export type LastValues = {
  put(message: Message): void;
  get(topic: string): Message | undefined;
  /** Topics whose value is kept. */
  readonly size: number;
};

type Entry = { message: Message; isFresh: boolean };

/**
 * Keeps at most `topicsMax` values. Which topic goes when there are more is the clock algorithm's
 * choice: going round, the first that was silent since the last time. Exact order of use would cost
 * every message a removal and an insertion, and a fifth of the whole bridge's time.
 */
export function createLastValues(topicsMax: number): LastValues {
  // A Map keeps the order of insertion: its first entry is where the clock's hand points.
  const entries = new Map<string, Entry>();

  function forgetOne(): void {
    for (const [topic, entry] of entries) {
      entries.delete(topic);
      if (!entry.isFresh) return;
      entry.isFresh = false;
      entries.set(topic, entry);
    }
  }
  return {
    put(message) {
      const known = entries.get(message.topic);
      if (known) {
        known.message = message;
        known.isFresh = true;
        return;
      }
      if (entries.size >= topicsMax) forgetOne();
      entries.set(message.topic, { message, isFresh: false });
    },
    get: (topic) => entries.get(topic)?.message,
    get size() {
      return entries.size;
    },
  };
}
