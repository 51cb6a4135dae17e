// What the link is subscribed to: the filters of the handlers, which may change while it runs, and
// plain ones beside them. Used by link.ts. One exchange with the broker at a time takes it from
// what it has to what is wanted; what changes meanwhile, or offline, is for the next exchange.

import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { KnownFilters } from "../store/known-filters.ts";
import type { Subscription } from "../topics/covering-set.ts";
import { overlaps } from "../topics/filter-relations.ts";
import type { QoS } from "../topics/message.ts";
import { type Ask, BrokerFilters, SHARED_UNSUPPORTED, toRefusal } from "./broker-filters.ts";
import type { Connection } from "./connection.ts";
import { addOrigin } from "./origin.ts";
import { NOBODY, RetainedAnswers, type RetainedFacts } from "./retained-answers.ts";
import { type FreshSubscription, toWantedFilters, type WantedFilter } from "./wanted-filters.ts";

export type SubscriptionsOptions = {
  /** Of the handlers, without origin and group. */
  readonly subscriptions: readonly Subscription[];
  readonly origin: string;
  /** Shares the handlers' messages with others of this group; nobody when absent. */
  readonly group?: string | undefined;
  /** What earlier runs have subscribed to; nothing when absent. */
  readonly knownFilters?: KnownFilters | undefined;
  readonly log: Logger;
  /** Called after each exchange with what the broker does not grant now. */
  readonly onExchange: (refusedFilters: readonly string[]) => void;
};

export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #answers = new RetainedAnswers();
  #handlers: readonly Subscription[];
  readonly #plain = new Set<Subscription>();
  #fresh: readonly FreshSubscription[] = [];
  #generation = 0;
  #filters: BrokerFilters | undefined;
  #hasStarted = false;
  #isGroupTold = false;
  /** By broker, the filters that the session there may hold; the one asked last stands last. */
  readonly #sessions: Map<string, ReadonlySet<string>>;
  #exchange: Promise<void> = Promise.resolve();
  #nextExchange: Promise<void> | undefined;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.#handlers = options.subscriptions;
    this.#sessions = new Map(options.knownFilters?.filters);
  }

  /** How often the handlers' subscriptions have been set since the link was opened. */
  get generation(): number {
    return this.#generation;
  }

  /** The handlers' messages are shared with a group at the broker that is connected now. */
  get isSharing(): boolean {
    return this.#options.group !== undefined && this.#filters?.isSharing === true;
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
    this.#fresh = joinFresh([...this.#fresh, ...added], [...subscriptions, ...this.#plain]);
    return this.#synchronize();
  }

  /** See `Link.subscribePlain`. */
  async addPlain(
    filter: string,
    qos: QoS,
    retained: "send" | "ignore" = "ignore",
  ): Promise<Disposable> {
    // Retained messages are asked for once, and not again whenever the session is lost.
    const subscription: Subscription = { filter, qos, retained: "ignore" };
    this.#plain.add(subscription);
    if (retained === "send") {
      const asking = { ...subscription, retained };
      // They are not for the handlers, who have had theirs.
      const fresh = { subscription: asking, generation: NOBODY, isAdded: false };
      this.#fresh = [...this.#fresh, fresh];
    }
    const release = () => {
      if (this.#plain.delete(subscription)) void this.#synchronize();
    };
    await this.#synchronize();
    const refused = this.#findRefused(filter);
    if (!refused) return { [Symbol.dispose]: release };
    release();
    throw refused;
  }

  /**
   * A connection is open. Asks for all again, whatever its session holds: which broker of a list
   * has which session is not known here. Resolves with the filters that the broker refused, or with
   * undefined when the connection ended before.
   */
  async attach(connection: Connection, broker: string): Promise<readonly string[] | undefined> {
    const { isSessionPresent } = connection;
    const session = new Set(isSessionPresent ? this.#listKnown() : []);
    this.#sessions.delete(broker);
    this.#sessions.set(broker, session);
    if (isSessionPresent && !this.#hasStarted) this.#addUngrouped(session);
    const isFirst = !this.#hasStarted;
    const keep = async () => this.#options.knownFilters?.keep(this.#sessions);
    const filters = new BrokerFilters({ connection, broker, session, isFirst, keep });
    this.#filters = filters;
    this.#warnOfGroup(filters);
    await this.#synchronize();
    return filters.isReady ? [...filters.refused.keys()] : undefined;
  }

  detach(): void {
    this.#filters = undefined;
  }

  /** What the broker has granted, as it was sent. */
  get granted(): readonly string[] {
    return this.#filters?.granted ?? [];
  }

  /** See `Link.receives`. */
  receives(topic: string): boolean {
    return this.#filters?.receives(topic) === true;
  }

  /** See `Link.isMarkingPlain`. */
  get isMarkingPlain(): boolean {
    return this.#filters?.isMarking === true;
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
    const filters = this.#filters;
    if (!filters) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    const wanted = toWantedFilters(this.#handlers, this.#plain, this.#options);
    const asks = filters.plan(wanted, fresh);
    this.#expectRetained(filters, asks);
    try {
      await filters.subscribe(asks);
      await filters.unsubscribeAllBut(wanted);
    } catch {
      this.#fresh = [...fresh, ...this.#fresh];
      // The connection has ended, also over a broker that did not answer, and tells why itself; or
      // it can not be used.
      return filters.connection.destroy();
    }
    this.#hasStarted = true;
    for (const { wanted: one } of asks) this.#reportRefusal(filters, one);
    this.#options.onExchange([...filters.refused.keys()]);
  }

  #expectRetained({ connection }: BrokerFilters, asks: readonly Ask[]): void {
    const answered = asks.filter(({ wish }) => connection.version !== 5 || wish.rh !== 2);
    const groups = Map.groupBy(answered, ({ wish }) => {
      return `${wish.retainedSince} ${wish.isNewSubscription}`;
    });
    for (const group of groups.values()) {
      const filters = group.map(({ wanted }) => wanted.filter);
      const [first] = group;
      if (first) this.#answers.expect(filters, first.wish, performance.now());
    }
  }

  #reportRefusal({ broker, refused }: BrokerFilters, { sent, isShared }: WantedFilter): void {
    const reasonCode = refused.get(sent);
    if (reasonCode === undefined) return;
    const { log } = this.#options;
    if (!isShared || reasonCode !== SHARED_UNSUPPORTED) {
      return log.problem("error", toRefusal(broker, sent, reasonCode));
    }
    if (!this.#isGroupTold) log.problem("error", new ViadutoError("group_unsupported", { broker }));
    this.#isGroupTold = true;
  }

  // Whatever any of the brokers may hold: those of a cluster share one session, and one broker may
  // have had another address. To unsubscribe from what is not there is no error (section 3.11.3).
  #listKnown(): string[] {
    return [...this.#sessions.values()].flatMap((filters) => [...filters]);
  }

  // A broker of MQTT 3.1.1 that shares nothing may grant `$share/…` all the same, as NATS does.
  #warnOfGroup({ connection: { version }, broker }: BrokerFilters): void {
    const { group, log } = this.#options;
    if (group === undefined || version === 5 || this.#isGroupTold) return;
    this.#isGroupTold = true;
    log.warn(
      `over MQTT 3.1.1 ${broker} can not say whether it shares messages within the group ` +
        `'${group}'; some, like NATS, accept the group and then deliver nothing: if no message ` +
        "comes, leave --group out and run one bridge, or use a broker with MQTT 5",
    );
  }

  // A bridge that was started without its group may have left a session: what it had subscribed to
  // would still come, to every bridge, beside what they share.
  #addUngrouped(session: Set<string>): void {
    const { group, origin } = this.#options;
    if (group === undefined) return;
    for (const sent of toWantedFilters(this.#handlers, [], { origin }).keys()) session.add(sent);
  }

  #findRefused(filter: string): ViadutoError | undefined {
    const sent = addOrigin(this.#options.origin, filter);
    const { broker = "", refused = [] } = this.#filters ?? {};
    for (const [other, reasonCode] of refused) {
      if (overlaps(other, sent)) return toRefusal(broker, sent, reasonCode);
    }
    return undefined;
  }
}

// Only those still wanted, and of equals the first: what comes for it is for later ones too.
function joinFresh(
  fresh: readonly FreshSubscription[],
  subscriptions: readonly Subscription[],
): readonly FreshSubscription[] {
  const wanted = new Set(subscriptions.map(({ filter }) => filter));
  const joined = new Map<string, FreshSubscription>();
  for (const one of fresh) {
    const { filter, retained } = one.subscription;
    const key = `${retained} ${filter} ${one.generation === NOBODY}`;
    if (wanted.has(filter) && !joined.has(key)) joined.set(key, one);
  }
  return [...joined.values()];
}
