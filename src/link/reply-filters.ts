// Subscriptions to where replies come, or to what is watched: made at the first request, shared by
// all that wait there, and given back a while after the last. Used by requests.ts and by
// app/watching.ts; it never looks at a message.

import type { QoS } from "../topics/message.ts";
import { checkPlainFilter } from "../topics/plain-filter.ts";

/** Subscribes beside the handlers; rejects when the broker refuses. Disposing unsubscribes. */
export type SubscribePlain = (filter: string, qos: QoS) => Promise<Disposable>;

/** A filter in use by so many requests. */
export type HeldFilter = {
  readonly filter: string;
  /** Settles with the broker's answer to SUBSCRIBE. */
  readonly granted: Promise<Disposable>;
  users: number;
  timer: ReturnType<typeof setTimeout> | undefined;
};

/** One request after the other on one topic shall not subscribe each time. */
const LINGER_MS = 10_000;
/** Filters that linger, at most: the names may come from outside. */
const LINGERING_MAX = 100;

export class ReplyFilters {
  readonly #subscribe: SubscribePlain;
  readonly #held = new Map<string, HeldFilter>();
  /** Used by nobody, oldest first. */
  readonly #lingering = new Set<HeldFilter>();

  constructor(subscribe: SubscribePlain) {
    this.#subscribe = subscribe;
  }

  /**
   * Takes part in the subscription, once `granted` has resolved. To be given back. Throws
   * `filter_invalid`.
   */
  hold(filter: string): HeldFilter {
    checkPlainFilter(filter);
    const held = this.#held.get(filter) ?? this.#open(filter);
    held.users += 1;
    clearTimeout(held.timer);
    this.#lingering.delete(held);
    return held;
  }

  /** Gives a subscription back; the last one out lets it go, after a while. */
  release(held: HeldFilter): void {
    held.users -= 1;
    if (held.users > 0 || this.#held.get(held.filter) !== held) return;
    this.#lingering.add(held);
    held.timer = setTimeout(() => this.#letGo(held), LINGER_MS);
    const [oldest] = this.#lingering;
    if (oldest && this.#lingering.size > LINGERING_MAX) this.#letGo(oldest);
  }

  /** Forgets all; the connection ends, and the subscriptions with it. */
  close(): void {
    for (const { timer } of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
    this.#lingering.clear();
  }

  #open(filter: string): HeldFilter {
    const granted = this.#subscribe(filter, 0);
    const held: HeldFilter = { filter, granted, users: 0, timer: undefined };
    this.#held.set(filter, held);
    // Refused: whoever waits is told, and the next request asks the broker again.
    granted.catch(() => this.#forget(held));
    return held;
  }

  #letGo(held: HeldFilter): void {
    this.#forget(held);
    held.granted.then(
      (subscription) => subscription[Symbol.dispose](),
      () => {}, // Refused: there is nothing to give back.
    );
  }

  #forget(held: HeldFilter): void {
    clearTimeout(held.timer);
    this.#lingering.delete(held);
    if (this.#held.get(held.filter) === held) this.#held.delete(held.filter);
  }
}
