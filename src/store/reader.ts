// One reader of a watch: a bounded async iterator over what passes its filters. Made by watch.ts;
// the streams of http/ are written from it. It never grows beyond its queue, however slow it is.

import {
  type Missed,
  type QueueLimits,
  ReaderQueue,
  type TakenMessage,
  type WatchedMessage,
} from "./reader-queue.ts";

/** Whether there is a connection to the broker. */
export type ReaderState =
  | { readonly kind: "connected"; readonly broker: string }
  | { readonly kind: "away"; readonly broker: string; readonly reason: string };

export type WatchItem =
  | ({ readonly kind: "message" } & TakenMessage)
  /** Stands before the messages that came after what was missed. */
  | { readonly kind: "missed"; readonly missed: Missed }
  | StateItem;
type StateItem = { readonly kind: "state"; readonly state: ReaderState };

export type ReaderOptions = QueueLimits & {
  /** Yields only the newest of each topic, this often; each message when absent. */
  readonly coalesceMs?: number | undefined;
  /** What the reader is told first, by whoever opens it; it yields what changes then. */
  readonly state: ReaderState;
  /** After so long without anything it yields an empty batch, for a sign of life. */
  readonly idleMs: number;
};

/** The reader's place in the watch. */
export type WatchPlace = {
  readonly sinceId: number;
  readonly follow: (filter: string, reader: Reader) => void;
  readonly unfollow: (filter: string, reader: Reader) => void;
  readonly leave: (reader: Reader) => void;
};

/** So much is handed out at once: what is on its way to a slow reader stays small. */
const BATCH_BYTES = 256 * 1024;
/** States kept for a slow reader: that the broker went away and came back is worth telling. */
const STATES_MAX = 2;

export class Reader implements Disposable, AsyncIterable<readonly WatchItem[]> {
  readonly #options: ReaderOptions;
  readonly #place: WatchPlace;
  readonly #queue: ReaderQueue;
  readonly #filters = new Set<string>();
  readonly #states: StateItem[] = [];
  #lastId = 0;
  #lastState: ReaderState["kind"];
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(options: ReaderOptions, place: WatchPlace) {
    this.#options = options;
    this.#place = place;
    this.#lastState = options.state.kind;
    this.#queue = new ReaderQueue(options, options.coalesceMs !== undefined);
  }

  /** Messages above this id come; those up to it had passed when the reader was opened. */
  get sinceId(): number {
    return this.#place.sinceId;
  }

  /** What waits to be read. */
  get waitingMessages(): number {
    return this.#queue.size;
  }

  get waitingBytes(): number {
    return this.#queue.bytes;
  }

  /** Watches one filter more; one that it watches already changes nothing. */
  follow(filter: string): void {
    if (this.#isOver || this.#filters.has(filter)) return;
    this.#filters.add(filter);
    this.#place.follow(filter, this);
  }

  unfollow(filter: string): void {
    if (this.#filters.delete(filter)) this.#place.unfollow(filter, this);
  }

  /** Called by the watch. A message that several filters match comes once. */
  put(watched: WatchedMessage): void {
    const { id } = watched.message;
    if (id !== this.#lastId) this.#queue.put(watched);
    this.#lastId = id;
  }

  /** Called by the watch, as `wake` is, after which what was put is yielded. */
  tell(state: ReaderState): void {
    if (state.kind === this.#lastState) return;
    this.#lastState = state.kind;
    this.#states.push({ kind: "state", state });
    if (this.#states.length > STATES_MAX) this.#states.shift();
  }

  wake(): void {
    this.#wake?.();
  }

  /**
   * Yields what has come since the last batch, in order, and ends when the reader is disposed. For
   * one consumer.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<readonly WatchItem[]> {
    const { coalesceMs = 0, idleMs } = this.#options;
    let dueAtMs = 0;
    let idleAtMs = performance.now() + idleMs;
    while (!this.#isOver) {
      const nowMs = performance.now();
      const isDue = this.#queue.hasNews && nowMs >= dueAtMs;
      if (!isDue && this.#states.length === 0 && nowMs < idleAtMs) {
        await this.#sleep((this.#queue.hasNews ? dueAtMs : idleAtMs) - nowMs);
        continue;
      }
      if (isDue) dueAtMs = nowMs + coalesceMs;
      yield [...this.#states.splice(0), ...(isDue ? this.#take() : [])];
      idleAtMs = performance.now() + idleMs;
    }
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const filter of this.#filters) this.#place.unfollow(filter, this);
    this.#place.leave(this);
    this.#queue.clear();
    this.wake();
  }

  #take(): readonly WatchItem[] {
    const missed = this.#queue.takeMissed();
    // An interval's batch is whole: else a topic could stand in two of its parts.
    const isWhole = this.#options.coalesceMs !== undefined;
    const taken = this.#queue.take(isWhole ? Number.POSITIVE_INFINITY : BATCH_BYTES);
    const messages = taken.map((one) => ({ kind: "message", ...one }) as const);
    return missed ? [{ kind: "missed", missed }, ...messages] : messages;
  }

  async #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
