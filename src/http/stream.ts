// One stream that is open: a reader of the watch, and the subscriptions that bring it its messages.
// Made by streams.ts; it writes to nobody.

import { ViadutoError } from "../lib/errors.ts";
import type { Reader, ReaderState } from "../store/reader.ts";
import { parseFilter } from "../topics/pattern.ts";

export type StreamOptions = {
  readonly reader: Reader;
  /** When it was opened. */
  readonly state: ReaderState;
  readonly filtersMax: number;
  /** Throws when whoever reads may not see what the filter matches. */
  readonly check: (filter: string) => void;
  /** Makes messages of the filter pass the bridge. Rejects with `subscribe_refused`. */
  readonly hold: (filter: string) => Promise<Disposable>;
  /** Called once, when the stream has ended. */
  readonly leave: () => void;
};

export class Stream implements Disposable {
  readonly reader: Reader;
  /** When it was opened; the reader tells what changes then. */
  readonly state: ReaderState;
  readonly #options: StreamOptions;
  /** By filter, the subscription at an external broker, as soon as it is granted. */
  readonly #held = new Map<string, Disposable | undefined>();
  #isOver = false;

  constructor(options: StreamOptions) {
    this.reader = options.reader;
    this.state = options.state;
    this.#options = options;
  }

  get filters(): readonly string[] {
    return [...this.#held.keys()];
  }

  /**
   * Streams one filter more. Throws `filter_invalid`, `stream_filters_full`, `subscribe_refused`,
   * and what `check` throws.
   */
  async follow(filter: string): Promise<void> {
    checkFilter(filter);
    const { check, hold, filtersMax } = this.#options;
    check(filter);
    if (this.#isOver || this.#held.has(filter)) return;
    if (this.#held.size >= filtersMax)
      throw new ViadutoError("stream_filters_full", { filtersMax });
    this.#held.set(filter, undefined);
    // First of all, so that the retained messages that SUBSCRIBE brings are seen.
    this.reader.follow(filter);
    try {
      const subscription = await hold(filter);
      // It may have ended meanwhile.
      if (this.#held.has(filter)) this.#held.set(filter, subscription);
      else subscription[Symbol.dispose]();
    } catch (error) {
      this.unfollow(filter);
      throw error;
    }
  }

  unfollow(filter: string): void {
    this.reader.unfollow(filter);
    this.#held.get(filter)?.[Symbol.dispose]();
    this.#held.delete(filter);
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.reader[Symbol.dispose]();
    for (const filter of this.filters) this.unfollow(filter);
    this.#options.leave();
  }
}

function checkFilter(filter: string): void {
  const reason = findProblem(filter);
  if (reason !== undefined) throw new ViadutoError("filter_invalid", { filter, reason });
}

function findProblem(filter: string): string | undefined {
  try {
    const hasNames = parseFilter(filter).filter !== filter;
    return hasNames ? "it has {…} where + or # belongs" : undefined;
  } catch (error) {
    return String((error as ViadutoError).facts.reason);
  }
}
