// The filters that the broker of one connection was asked for, and those it refused. Used by
// subscriptions.ts, which says what is wanted; each step rejects when the connection ends first.

import { ViadutoError } from "../lib/errors.ts";
import { FilterTree } from "../topics/filter-tree.ts";
import type { QoS } from "../topics/message.ts";
import type { Connection } from "./connection.ts";
import { toReasonWords } from "./failure.ts";
import type { RefusedFilter } from "./filter-packets.ts";
import {
  type FreshSubscription,
  groupFresh,
  type RetainedWish,
  toRetainedWish,
  type WantedFilter,
} from "./wanted-filters.ts";

/** A filter to subscribe to, and whom its retained messages are for. */
export type Ask = { readonly wanted: WantedFilter; readonly wish: RetainedWish };

export type BrokerFiltersOptions = {
  readonly connection: Connection;
  readonly broker: string;
  /** The first connection of this process. */
  readonly isFirst: boolean;
  /** What the broker's session may hold, also since an earlier connection; is kept up to date. */
  readonly session: Set<string>;
  /** Called when `session` has changed; what it holds is then safe from a crash. */
  readonly keep: () => Promise<void>;
};

/** SUBACK: Shared Subscriptions not supported (MQTT 5 section 3.9.3). */
export const SHARED_UNSUPPORTED = 0x9e;

/**
 * Of plain subscriptions beside shared ones, which bring a copy of their own (MQTT 5 section
 * 4.8.2): what comes with it is for no handler.
 */
export const PLAIN_IDENTIFIER = 1;

export class BrokerFilters {
  readonly connection: Connection;
  readonly broker: string;
  readonly #isFirst: boolean;
  readonly #session: Set<string>;
  readonly #keep: () => Promise<void>;
  readonly #asked = new Map<string, QoS>();
  readonly #refused = new Map<string, number>();
  /** What the broker sends to this link alone, without the origin. */
  #own = new FilterTree<true>();
  #isReady = false;

  constructor({ connection, broker, isFirst, session, keep }: BrokerFiltersOptions) {
    this.connection = connection;
    this.broker = broker;
    this.#isFirst = isFirst;
    this.#session = session;
    this.#keep = keep;
  }

  /** The broker has answered for all that was wanted when the connection was opened. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** The broker gives this client a share of the messages of a group. */
  get isSharing(): boolean {
    return [...this.#session].some((sent) => sent.startsWith("$share/"));
  }

  /** See `Link.receives`. */
  receives(topic: string): boolean {
    return this.#own.find(topic) === true;
  }

  /** What comes of plain subscriptions can be told from what is shared. */
  get isMarking(): boolean {
    const { limits, version } = this.connection;
    return this.isSharing && version === 5 && limits.isIdentifyingAvailable;
  }

  /** Filters that were not granted, as they were sent, with the reason code. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  /** Those that the broker was asked for and did not refuse. */
  get granted(): readonly string[] {
    return [...this.#asked.keys()].filter((sent) => !this.#refused.has(sent));
  }

  /** What is new or has changed, and what is to bring its retained messages again. */
  plan(
    wanted: ReadonlyMap<string, WantedFilter>,
    fresh: readonly FreshSubscription[],
  ): readonly Ask[] {
    const { version, isSessionPresent } = this.connection;
    const start = this.#isFirst ? "start" : "return";
    const kind = this.#isReady ? "change" : start;
    const occasion = { kind, isSessionPresent, hasRetainHandling: version === 5 } as const;
    const groups = groupFresh(wanted.values(), fresh);
    return [...wanted.values()].flatMap((one) => {
      const waiting = groups.get(one) ?? [];
      if (this.#asked.get(one.sent) === one.qos && waiting.length === 0) return [];
      return [{ wanted: one, wish: toRetainedWish(one, waiting, occasion) }];
    });
  }

  async subscribe(asks: readonly Ask[]): Promise<void> {
    const known = new Set(this.#session);
    for (const { wanted } of asks) {
      this.#asked.set(wanted.sent, wanted.qos);
      this.#refused.delete(wanted.sent);
      // Before the answer: when the connection breaks now, the broker may have granted it.
      this.#session.add(wanted.sent);
    }
    if (asks.length > 0) await this.#keep();
    for (const { filter, reasonCode } of await this.#send(asks)) {
      this.#refused.set(filter, reasonCode);
      if (!known.has(filter)) this.#session.delete(filter);
    }
  }

  /** After `subscribe`: the broker has granted what takes the place of what goes. */
  async unsubscribeAllBut(wanted: ReadonlyMap<string, WantedFilter>): Promise<void> {
    for (const sent of this.#asked.keys()) {
      if (wanted.has(sent)) continue;
      this.#asked.delete(sent);
      this.#refused.delete(sent);
    }
    const unwanted = [...this.#session].filter((sent) => !wanted.has(sent));
    await this.connection.unsubscribe(unwanted);
    for (const sent of unwanted) this.#session.delete(sent);
    if (unwanted.length > 0) await this.#keep();
    this.#own = toOwnTree(wanted.values(), this.#refused);
    this.#isReady = true;
  }

  async #send(asks: readonly Ask[]): Promise<RefusedFilter[]> {
    const { limits } = this.connection;
    const toFilters = (group: readonly Ask[] = []) =>
      group.map(({ wanted: { sent, qos }, wish: { rh } }) => ({ filter: sent, qos, rh }));
    const { shared, plain } = Object.groupBy(asks, ({ wanted }) => {
      return wanted.isShared ? "shared" : "plain";
    });
    const refused = limits.isSharingAvailable
      ? await this.connection.subscribe(toFilters(shared))
      : toFilters(shared).map(({ filter }) => ({ filter, reasonCode: SHARED_UNSUPPORTED }));
    const marks = this.isMarking ? { identifier: PLAIN_IDENTIFIER } : {};
    return [...refused, ...(await this.connection.subscribe(toFilters(plain), marks))];
  }
}

/** Why the broker does not grant a filter. */
export function toRefusal(broker: string, filter: string, reasonCode: number): ViadutoError {
  const facts = { broker, filter, reason: toReasonWords(reasonCode) };
  return new ViadutoError("subscribe_refused", facts);
}

function toOwnTree(
  wanted: Iterable<WantedFilter>,
  refused: ReadonlyMap<string, number>,
): FilterTree<true> {
  const tree = new FilterTree<true>();
  for (const { filter, sent, isShared } of wanted) {
    if (!isShared && !refused.has(sent)) tree.set(filter, true);
  }
  return tree;
}
