// The last message of every topic that the bridge has seen, in memory and bounded.

import type { MessageProperties } from "../topics/message.ts";
import { matchPattern, parseFilter } from "../topics/pattern.ts";
import type { ObservedMessage } from "./observation.ts";
import type { RecordedMessage } from "./recorded-message.ts";
import { createTopicCircle } from "./topic-circle.ts";

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
  /** Of topics, payloads and properties. */
  readonly bytes: number;
};

export type ValueLimits = { readonly topicsMax: number; readonly bytesMax: number };

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
  /** What counts towards all bytes. */
  size: number;
  /** Of the whole payload, where the one in `bytes` is cut. */
  wholeBytes: number | undefined;
  /** Had a message since the clock's hand went over it. */
  isFresh: boolean;
};

/** A buffer this many times longer than its payload is not kept. */
const SPARE_MAX = 4;
const SPARE_BYTES = 1_024;
/** One payload has at most this part of all bytes: one message must not take the place of all. */
const PAYLOAD_PART = 8;

/**
 * Keeps at most `topicsMax` values, and at most `bytesMax` of topics, payloads and properties. A
 * payload that is longer than an eighth of that is cut.
 */
export function createLastValues({ topicsMax, bytesMax }: ValueLimits): LastValues {
  const payloadBytesMax = Math.floor(bytesMax / PAYLOAD_PART);
  const entries = new Map<string, Entry>();
  const circle = createTopicCircle((topic) => isSilent(entries.get(topic)));
  let bytes = 0;

  function forgetOne(spared?: string): void {
    const topic = circle.take(spared);
    bytes -= entries.get(topic)?.size ?? 0;
    entries.delete(topic);
  }
  function add(topic: string, entry: Entry): void {
    if (circle.size >= topicsMax) forgetOne();
    entries.set(topic, entry);
    circle.add(topic);
    bytes += entry.size;
  }
  return {
    put({ topic, payload, ...head }) {
      const isCut = payload.length > payloadBytesMax;
      const kept = isCut ? payload.subarray(0, payloadBytesMax) : payload;
      const wholeBytes = isCut ? payload.length : undefined;
      const known = entries.get(topic);
      if (known) {
        bytes -= known.size;
        fill(known, topic, kept, head, wholeBytes);
        bytes += known.size;
      } else add(topic, createEntry(topic, kept, head, 1, wholeBytes));
      while (bytes > bytesMax && circle.size > 1) forgetOne(topic);
    },
    restore({ topic, payload, payloadBytes, isCut, ...head }, messages) {
      const known = entries.get(topic);
      if (known) known.messages = Math.max(known.messages, messages);
      if (known || circle.size >= topicsMax || payload.length > payloadBytesMax) return;
      const entry = createEntry(topic, payload, head, messages, isCut ? payloadBytes : undefined);
      if (bytes + entry.size <= bytesMax) add(topic, entry);
    },
    get: (topic) => toLastValue(topic, entries.get(topic)),
    topics: () => entries.keys(),
    list: (query) => findTopics(entries, query),
    get size() {
      return entries.size;
    },
    get bytes() {
      return bytes;
    },
  };
}

/** Whether it had no message since the hand was there; from now on it is asked anew. */
function isSilent(entry: Entry | undefined): boolean {
  if (!entry?.isFresh) return true;
  entry.isFresh = false;
  return false;
}

function createEntry(
  topic: string,
  payload: Buffer,
  head: Head,
  messages: number,
  wholeBytes: number | undefined,
): Entry {
  const bytes = copyInto(EMPTY, payload);
  const size = sizeOf(topic, bytes, head);
  return { bytes, length: payload.length, head, messages, size, wholeBytes, isFresh: false };
}

function fill(
  entry: Entry,
  topic: string,
  payload: Buffer,
  head: Head,
  wholeBytes: number | undefined,
): void {
  entry.bytes = copyInto(entry.bytes, payload);
  entry.length = payload.length;
  entry.head = head;
  entry.messages += 1;
  entry.size = sizeOf(topic, entry.bytes, head);
  entry.wholeBytes = wholeBytes;
  entry.isFresh = true;
}

// Texts count by their characters: to encode them costs more than the difference is worth.
function sizeOf(topic: string, bytes: Buffer, { properties }: Head): number {
  return topic.length + bytes.length + (properties ? sizeOfProperties(properties) : 0);
}

function sizeOfProperties(properties: MessageProperties): number {
  const { responseTopic = "", correlationData = EMPTY, contentType = "" } = properties;
  let size = responseTopic.length + correlationData.length + contentType.length;
  for (const name in properties.userProperties) {
    const value = properties.userProperties[name] ?? "";
    const values = typeof value === "string" ? [value] : value;
    for (const one of values) size += name.length + one.length;
  }
  return size;
}

function toLastValue(topic: string, entry: Entry | undefined): LastValue | undefined {
  if (!entry) return undefined;
  const payload = Buffer.from(entry.bytes.subarray(0, entry.length));
  return { ...toKnown(topic, entry), payload };
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
  const pattern = parseFilter(filter);
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
