// What the link is subscribed to: the filters of the handlers, which may change while it runs, and
// plain ones beside them. Used by link.ts. One exchange with the broker at a time takes it from
// what it has to what is wanted; what changes meanwhile, or offline, is for the next exchange.

import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { overlaps, type Subscription } from "../topics/covering-set.ts";
import type { QoS } from "../topics/message.ts";
import type { Connection } from "./connection.ts";
import { toReasonWords } from "./failure.ts";
import type { RefusedFilter } from "./filter-packets.ts";
import { addOrigin } from "./origin.ts";
import { RetainedAnswers, type RetainedFacts } from "./retained-answers.ts";
import {
  type FreshSubscription,
  groupFresh,
  type Occasion,
  type RetainedWish,
  toRetainedWish,
  toWantedFilters,
  type WantedFilter,
} from "./wanted-filters.ts";

export type SubscriptionsOptions = {
  /** Of the handlers, without origin and group. */
  readonly subscriptions: readonly Subscription[];
  readonly origin: string;
  /** Shares the handlers' messages with others of this group; nobody when absent. */
  readonly group?: string | undefined;
  readonly log: Logger;
  /** Called after each exchange with what the broker does not grant now. */
  readonly onExchange: (refusedFilters: readonly string[]) => void;
};

/** A connection, and what its broker has been asked for on it. */
type Place = {
  readonly connection: Connection;
  readonly broker: string;
  readonly asked: Map<string, QoS>;
  /** Filters that the session there may hold, maybe since an earlier connection. */
  readonly session: Set<string>;
  /** Filters not granted, with the reason code. */
  readonly refused: Map<string, number>;
  occasion: Occasion["kind"];
};

type Ask = { readonly wanted: WantedFilter; readonly wish: RetainedWish };

/** SUBACK: Shared Subscriptions not supported (MQTT 5 section 3.9.3). */
const SHARED_UNSUPPORTED = 0x9e;

export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #answers = new RetainedAnswers();
  #handlers: readonly Subscription[];
  readonly #plain = new Set<Subscription>();
  #fresh: readonly FreshSubscription[] = [];
  #generation = 0;
  #place: Place | undefined;
  #hasStarted = false;
  #isGroupTold = false;
  /** By broker, the filters that the session there may hold. */
  readonly #sessions = new Map<string, Set<string>>();
  #exchange: Promise<void> = Promise.resolve();
  #nextExchange: Promise<void> | undefined;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.#handlers = options.subscriptions;
  }

  /** How often the handlers' subscriptions have been set since the link was opened. */
  get generation(): number {
    return this.#generation;
  }

  /** See `Link.setSubscriptions`. */
  set(subscriptions: readonly Subscription[], fresh?: readonly Subscription[]): Promise<void> {
    const before = new Set(this.#handlers.map(({ filter }) => filter));
    const isAdded = ({ filter }: Subscription) => !before.has(filter);
    this.#generation += 1;
    this.#handlers = subscriptions;
    const added = (fresh ?? subscriptions.filter(isAdded)).map((subscription) => {
      return { subscription, generation: this.#generation, isAdded: isAdded(subscription) };
    });
    this.#fresh = [...this.#fresh, ...added];
    return this.#synchronize();
  }

  /** See `Link.subscribePlain`. */
  async addPlain(filter: string, qos: QoS): Promise<Disposable> {
    const subscription: Subscription = { filter, qos, retained: "ignore" };
    this.#plain.add(subscription);
    const release = () => {
      if (this.#plain.delete(subscription)) void this.#synchronize();
    };
    await this.#synchronize();
    const refused = this.#findRefused(filter);
    if (refused) release();
    if (refused) throw refused;
    return { [Symbol.dispose]: release };
  }

  /**
   * A connection is open. Asks for all again, whatever its session holds: which broker of a list
   * has which session is not known here. Resolves with the filters that the broker refused, or with
   * undefined when the connection ended before.
   */
  async attach(connection: Connection, broker: string): Promise<readonly string[] | undefined> {
    const known = connection.isSessionPresent ? this.#sessions.get(broker) : undefined;
    const session = known ?? new Set<string>();
    this.#sessions.set(broker, session);
    const occasion = this.#hasStarted ? "return" : "start";
    const place: Place = {
      connection,
      broker,
      asked: new Map(),
      session,
      refused: new Map(),
      occasion,
    };
    this.#place = place;
    this.#warnOfGroup(place);
    await this.#synchronize();
    return place.occasion === "change" ? [...place.refused.keys()] : undefined;
  }

  detach(): void {
    this.#place = undefined;
  }

  /** Whom a retained message on this topic, without origin, is meant for. */
  findRetained(topic: string): RetainedFacts {
    return this.#answers.find(topic, performance.now());
  }

  // Whoever comes while an exchange runs shares the next one.
  #synchronize(): Promise<void> {
    this.#nextExchange ??= this.#exchange.then(() => {
      this.#nextExchange = undefined;
      this.#exchange = this.#exchangeOnce();
      return this.#exchange;
    });
    return this.#nextExchange;
  }

  async #exchangeOnce(): Promise<void> {
    const place = this.#place;
    if (!place) return;
    const fresh = this.#fresh;
    const wanted = toWantedFilters(this.#handlers, this.#plain, this.#options);
    try {
      await this.#subscribe(place, toAsks(place, wanted, fresh));
      await this.#unsubscribe(place, wanted);
    } catch {
      // No answer: the connection has ended, and tells why itself; or it can not be used.
      return place.connection.destroy();
    }
    place.occasion = "change";
    this.#hasStarted = true;
    this.#fresh = this.#fresh.slice(fresh.length);
    this.#options.onExchange([...place.refused.keys()]);
  }

  async #subscribe(place: Place, asks: readonly Ask[]): Promise<void> {
    const { asked, session, refused } = place;
    const known = new Set(session);
    for (const { sent, qos } of asks.map(({ wanted }) => wanted)) {
      asked.set(sent, qos);
      // Before the answer: when the connection breaks now, the broker may have granted it.
      session.add(sent);
      refused.delete(sent);
    }
    this.#expectRetained(place.connection, asks);
    for (const { filter, reasonCode } of await sendAsks(place.connection, asks)) {
      refused.set(filter, reasonCode);
      if (!known.has(filter)) session.delete(filter);
    }
    for (const { wanted } of asks) this.#reportRefusal(place, wanted);
  }

  // Only after the broker has granted what takes their place, so that nothing is missed.
  async #unsubscribe(place: Place, wanted: ReadonlyMap<string, unknown>): Promise<void> {
    const { connection, asked, session, refused } = place;
    for (const sent of asked.keys()) {
      if (wanted.has(sent)) continue;
      asked.delete(sent);
      refused.delete(sent);
    }
    const unwanted = [...session].filter((sent) => !wanted.has(sent));
    await connection.unsubscribe(unwanted);
    for (const sent of unwanted) session.delete(sent);
  }

  #expectRetained({ version }: Connection, asks: readonly Ask[]): void {
    const answered = asks.filter(({ wish }) => version !== 5 || wish.rh !== 2);
    const groups = Map.groupBy(answered, ({ wish }) => {
      return `${wish.retainedSince} ${wish.isNewSubscription}`;
    });
    for (const [first, ...others] of groups.values()) {
      if (!first) continue;
      const filters = [first, ...others].map(({ wanted }) => wanted.filter);
      this.#answers.expect(filters, first.wish, performance.now());
    }
  }

  #reportRefusal({ broker, refused }: Place, { sent, isShared }: WantedFilter): void {
    const reasonCode = refused.get(sent);
    if (reasonCode === undefined) return;
    const { log } = this.#options;
    if (!isShared || reasonCode !== SHARED_UNSUPPORTED) {
      return log.problem("error", toRefusal(broker, sent, reasonCode));
    }
    if (!this.#isGroupTold) log.problem("error", new ViadutoError("group_unsupported", { broker }));
    this.#isGroupTold = true;
  }

  // A broker of MQTT 3.1.1 that shares nothing grants `$share/…` all the same, and sends nothing.
  #warnOfGroup({ connection: { version }, broker }: Place): void {
    const { group, log } = this.#options;
    if (group === undefined || version === 5 || this.#isGroupTold) return;
    this.#isGroupTold = true;
    log.warn(
      `${broker} does not speak MQTT 5, so it can not be known whether it shares the work of the ` +
        `group '${group}': if no message comes, leave --group out`,
    );
  }

  #findRefused(filter: string): ViadutoError | undefined {
    const sent = addOrigin(this.#options.origin, filter);
    const { broker = "", refused = [] } = this.#place ?? {};
    for (const [other, reasonCode] of refused) {
      if (overlaps(other, sent)) return toRefusal(broker, sent, reasonCode);
    }
    return undefined;
  }
}

async function sendAsks(connection: Connection, asks: readonly Ask[]): Promise<RefusedFilter[]> {
  const canShare = connection.limits.isSharingAvailable;
  const [unsendable, sendable] = [
    asks.filter(({ wanted }) => wanted.isShared && !canShare),
    asks.filter(({ wanted }) => !wanted.isShared || canShare),
  ];
  const refused = await connection.subscribe(
    sendable.map(({ wanted: { sent, qos }, wish: { rh } }) => ({ filter: sent, qos, rh })),
  );
  const unsent = unsendable.map(({ wanted: { sent } }) => {
    return { filter: sent, reasonCode: SHARED_UNSUPPORTED };
  });
  return [...unsent, ...refused];
}

// What is new or has changed, and what is to bring its retained messages again.
function toAsks(
  place: Place,
  wanted: ReadonlyMap<string, WantedFilter>,
  fresh: readonly FreshSubscription[],
): Ask[] {
  const { version, isSessionPresent } = place.connection;
  const occasion = { kind: place.occasion, isSessionPresent, hasRetainHandling: version === 5 };
  const groups = groupFresh(wanted.values(), fresh);
  return [...wanted.values()].flatMap((one) => {
    const waiting = groups.get(one) ?? [];
    if (place.asked.get(one.sent) === one.qos && waiting.length === 0) return [];
    return [{ wanted: one, wish: toRetainedWish(one, waiting, occasion) }];
  });
}

function toRefusal(broker: string, filter: string, reasonCode: number): ViadutoError {
  const facts = { broker, filter, reason: toReasonWords(reasonCode) };
  return new ViadutoError("subscribe_refused", facts);
}
