// Who watches the messages that pass: any number of readers, each with filters of its own and a
// bounded queue. A message is matched once for all of them, and shared. Opened by app/watching.ts;
// http/ reads. It makes no message wait, and knows neither SSE nor WebSocket.

import { FilterTree } from "../topics/filter-tree.ts";
import type { Observation, ObservedMessage } from "./observation.ts";
import { Reader, type ReaderOptions, type ReaderState, type WatchPlace } from "./reader.ts";
import type { WatchedMessage } from "./reader-queue.ts";

/** With many readers each wake is as many writes: they are woken less often than messages come. */
const READERS_PER_MS = 10;
const PACE_MS_MAX = 20;
/** What a message takes beside its payload, topic and properties. */
const MESSAGE_BYTES = 512;
/** The payload, and what it is encoded to. */
const COPIES = 3;

/** Looks at nothing while there is no reader. Disposing ends all readers. */
export class Watch implements Disposable {
  readonly #observation: Observation;
  readonly #tree = new FilterTree<Set<Reader>>();
  /** What the tree holds, by filter. */
  readonly #followers = new Map<string, Set<Reader>>();
  readonly #readers = new Set<Reader>();
  #observing: Disposable | undefined;
  #hasNews = false;
  #isPacing = false;
  #isOver = false;

  constructor(observation: Observation) {
    this.#observation = observation;
  }

  /** Readers that are open. */
  get size(): number {
    return this.#readers.size;
  }

  /** What waits for all readers; shared messages count for each. */
  get waitingMessages(): number {
    return [...this.#readers].reduce((sum, { waitingMessages }) => sum + waitingMessages, 0);
  }

  /** The same in bytes; shared messages count for each. */
  get waitingBytes(): number {
    return [...this.#readers].reduce((sum, { waitingBytes }) => sum + waitingBytes, 0);
  }

  /** A reader of what passes from now on, until it is disposed; it follows no filter yet. */
  open(options: ReaderOptions): Reader {
    const place: WatchPlace = {
      sinceId: this.#observation.mark(),
      follow: (filter, one) => this.#follow(filter, one),
      unfollow: (filter, one) => this.#unfollow(filter, one),
      leave: (one) => this.#leave(one),
    };
    const reader = new Reader(options, place);
    this.#readers.add(reader);
    // Whoever comes while the bridge stops is told so at once.
    if (this.#isOver) reader[Symbol.dispose]();
    else this.#observing ??= this.#observation.add((message) => this.#observe(message));
    return reader;
  }

  /** Tells all readers that the connection to the broker has come or gone. */
  announce(state: ReaderState): void {
    for (const reader of this.#readers) reader.tell(state);
    this.#touch();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const reader of [...this.#readers]) reader[Symbol.dispose]();
  }

  #observe(message: ObservedMessage): void {
    let shared: WatchedMessage | undefined;
    this.#tree.visit(message.topic.split("/"), (following) => {
      for (const reader of following) {
        shared ??= share(message);
        reader.put(shared);
      }
      return false;
    });
    if (shared) this.#touch();
  }

  // The first after a while goes at once, with all that comes in the same turn.
  #touch(): void {
    this.#hasNews = true;
    if (this.#isPacing) return;
    this.#isPacing = true;
    setImmediate(() => this.#wake());
  }

  #wake(): void {
    this.#hasNews = false;
    for (const reader of this.#readers) reader.wake();
    const paceMs = Math.min(PACE_MS_MAX, this.#readers.size / READERS_PER_MS);
    setTimeout(() => {
      this.#isPacing = this.#hasNews;
      if (this.#hasNews) this.#wake();
    }, paceMs);
  }

  #follow(filter: string, reader: Reader): void {
    const following = this.#followers.get(filter) ?? new Set<Reader>();
    this.#followers.set(filter, following.add(reader));
    this.#tree.set(filter, following);
  }

  #unfollow(filter: string, reader: Reader): void {
    const following = this.#followers.get(filter);
    following?.delete(reader);
    if (following?.size !== 0) return;
    this.#followers.delete(filter);
    this.#tree.delete(filter);
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#observing?.[Symbol.dispose]();
    this.#observing = undefined;
  }
}

// To be kept: the payload of what passes is a part of the chunk in which it came.
function share(message: ObservedMessage): WatchedMessage {
  const { topic, payload, properties } = message;
  // Strangers choose the size of properties as well.
  const propertyBytes = properties ? JSON.stringify(properties).length : 0;
  const bytes = (payload.length + topic.length + propertyBytes) * COPIES + MESSAGE_BYTES;
  return { message: { ...message, payload: Buffer.from(payload) }, bytes };
}
