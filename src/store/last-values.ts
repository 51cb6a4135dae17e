// The last message of every topic that the bridge has seen, in memory and bounded.

import type { ObservedMessage } from "./observation.ts";

export type LastValues = {
  /** Keeps a copy of the message's bytes. */
  put(message: ObservedMessage): void;
  get(topic: string): ObservedMessage | undefined;
  /** The topics whose value is kept. */
  topics(): Iterable<string>;
  /** Topics whose value is kept. */
  readonly size: number;
};

const EMPTY = Buffer.alloc(0);
/** What is kept of a message beside its payload. */
type Head = Omit<ObservedMessage, "topic" | "payload">;
/** Filled anew for each message of its topic, so that little is made and little left to collect. */
type Entry = {
  /** At least as long as the payload in it. */
  bytes: Buffer;
  length: number;
  head: Head;
  /** Had a message since the clock's hand went over it. */
  isFresh: boolean;
};

/** A buffer this many times longer than its payload is not kept. */
const SPARE_MAX = 4;
const SPARE_BYTES = 1_024;

/**
 * Keeps at most `topicsMax` values. Which topic goes when there are more is the clock algorithm's
 * choice: going round, the first that was silent since the last time. Exact order of use would cost
 * every message a removal and an insertion, and a fifth of the whole bridge's time.
 */
export function createLastValues(topicsMax: number): LastValues {
  const entries = new Map<string, Entry>();
  /** The topics, in a circle; the clock's hand points at the next that may go. */
  const circle: string[] = [];
  let hand = 0;

  /** The place in the circle that a topic has left, which is forgotten. */
  function makeRoom(): number {
    for (;;) {
      const at = hand;
      const topic = circle[at] ?? "";
      hand = (hand + 1) % topicsMax;
      const entry = entries.get(topic);
      if (!entry?.isFresh) {
        entries.delete(topic);
        return at;
      }
      entry.isFresh = false;
    }
  }
  return {
    put({ topic, payload, ...head }) {
      const known = entries.get(topic);
      if (known) {
        known.bytes = copyInto(known.bytes, payload);
        known.length = payload.length;
        known.head = head;
        known.isFresh = true;
        return;
      }
      circle[circle.length < topicsMax ? circle.length : makeRoom()] = topic;
      const bytes = copyInto(EMPTY, payload);
      entries.set(topic, { bytes, length: payload.length, head, isFresh: false });
    },
    get(topic) {
      const entry = entries.get(topic);
      if (!entry) return undefined;
      const payload = Buffer.from(entry.bytes.subarray(0, entry.length));
      return { topic, payload, ...entry.head };
    },
    topics: () => entries.keys(),
    get size() {
      return entries.size;
    },
  };
}

// A payload is a part of the chunk in which it came: to keep it would keep the whole chunk.
function copyInto(bytes: Buffer, payload: Uint8Array): Buffer {
  const { length } = payload;
  const isTooLong = bytes.length > SPARE_BYTES && bytes.length > length * SPARE_MAX;
  const target = bytes.length < length || isTooLong ? Buffer.allocUnsafeSlow(length) : bytes;
  target.set(payload);
  return target;
}
