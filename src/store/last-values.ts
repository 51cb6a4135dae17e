// The last message of every topic that the bridge has seen, in memory and bounded.

import { matchPattern, parsePattern } from "../topics/pattern.ts";
import type { ObservedMessage } from "./observation.ts";
import type { RecordedMessage } from "./recorded-message.ts";

/** The last message of a topic; its payload is cut only when it comes from the history. */
export type LastValue = RecordedMessage & {
  /** Of its topic, as far as they are known: those recorded before the start, and all since. */
  readonly messages: number;
};

/** A last value without its payload. */
export type KnownTopic = Omit<LastValue, "payload">;

export type LastValues = {
  /** Keeps a copy of the message's bytes. */
  put(message: ObservedMessage): void;
  /** Puts what was recorded before, where nothing newer is there and a place is free. */
  restore(message: RecordedMessage, messages: number): void;
  get(topic: string): LastValue | undefined;
  /** The topics that match the filter, in the order of their names. Throws `pattern_invalid`. */
  list(query: TopicsQuery): readonly KnownTopic[];
  /** The topics whose value is kept. */
  topics(): Iterable<string>;
  /** Topics whose value is kept. */
  readonly size: number;
};

export type TopicsQuery = {
  readonly filter: string;
  /** Only topics behind this one. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly isWanted?: (topic: string) => boolean;
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
  messages: number;
  /** Of the whole payload, where the one in `bytes` is cut. */
  wholeBytes: number | undefined;
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
  const circle = createCircle(entries, topicsMax);
  return {
    put({ topic, payload, ...head }) {
      const known = entries.get(topic);
      if (known) {
        known.bytes = copyInto(known.bytes, payload);
        known.length = payload.length;
        known.head = head;
        known.messages += 1;
        known.wholeBytes = undefined;
        known.isFresh = true;
        return;
      }
      circle.add(topic);
      entries.set(topic, createEntry(payload, head, 1, undefined));
    },
    restore({ topic, payload, payloadBytes, isCut, ...head }, messages) {
      const known = entries.get(topic);
      if (known) known.messages = Math.max(known.messages, messages);
      if (known || circle.isFull()) return;
      circle.add(topic);
      entries.set(topic, createEntry(payload, head, messages, isCut ? payloadBytes : undefined));
    },
    get(topic) {
      const entry = entries.get(topic);
      if (!entry) return undefined;
      return {
        ...toKnown(topic, entry),
        payload: Buffer.from(entry.bytes.subarray(0, entry.length)),
      };
    },
    topics: () => entries.keys(),
    list: (query) => findTopics(entries, query),
    get size() {
      return entries.size;
    },
  };
}

/** The topics, in a circle; the clock's hand points at the next that may go. */
function createCircle(entries: Map<string, Entry>, topicsMax: number) {
  const topics: string[] = [];
  let hand = 0;
  const isFull = () => topics.length >= topicsMax;

  /** The place in the circle that a topic has left, which is forgotten. */
  function makeRoom(): number {
    for (;;) {
      const at = hand;
      const topic = topics[at] ?? "";
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
    isFull,
    add(topic: string) {
      topics[isFull() ? makeRoom() : topics.length] = topic;
    },
  };
}

function createEntry(
  payload: Buffer,
  head: Head,
  messages: number,
  wholeBytes: number | undefined,
): Entry {
  const bytes = copyInto(EMPTY, payload);
  return { bytes, length: payload.length, head, messages, wholeBytes, isFresh: false };
}

function toKnown(topic: string, { head, length, messages, wholeBytes }: Entry): KnownTopic {
  const isCut = wholeBytes !== undefined;
  return { topic, ...head, payloadBytes: wholeBytes ?? length, isCut, messages };
}

// Never sorts all of a million topics for the sake of a few: it keeps the first ones of those seen.
function findTopics(
  entries: ReadonlyMap<string, Entry>,
  { filter, after, limit, isWanted = () => true }: TopicsQuery,
): KnownTopic[] {
  const pattern = parsePattern(filter);
  let found: string[] = [];
  let last: string | undefined;
  const keepFirst = () => {
    found = found.sort().slice(0, limit);
    if (found.length === limit) last = found.at(-1);
  };
  for (const topic of entries.keys()) {
    if ((after !== undefined && topic <= after) || (last !== undefined && topic >= last)) continue;
    if (!matchPattern(pattern, topic) || !isWanted(topic)) continue;
    found.push(topic);
    if (found.length >= limit * 2) keepFirst();
  }
  keepFirst();
  return found.flatMap((topic) => {
    const entry = entries.get(topic);
    return entry ? [toKnown(topic, entry)] : [];
  });
}

// A payload is a part of the chunk in which it came: to keep it would keep the whole chunk.
function copyInto(bytes: Buffer, payload: Uint8Array): Buffer {
  const { length } = payload;
  const isTooLong = bytes.length > SPARE_BYTES && bytes.length > length * SPARE_MAX;
  const target = bytes.length < length || isTooLong ? Buffer.allocUnsafeSlow(length) : bytes;
  target.set(payload);
  return target;
}
