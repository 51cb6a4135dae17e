// What the broker is to be asked for, worked out of what handlers and others want: disjoint
// filters, below the origin, shared where the handlers have a group. Used by subscriptions.ts and
// broker-filters.ts. Pure.

import { coverSubscriptions, type Subscription } from "../topics/covering-set.ts";
import { FilterTree } from "../topics/filter-tree.ts";
import type { RetainHandling } from "./filter-packets.ts";
import { addOrigin } from "./origin.ts";
import { NOBODY, type RetainedFacts } from "./retained-answers.ts";

/** A filter that the broker is to grant. */
export type WantedFilter = Subscription & {
  /** As the broker is told it, with group and origin. */
  readonly sent: string;
  readonly isShared: boolean;
};

/** The subscription of a handler that is new, until the broker has been asked for it. */
export type FreshSubscription = {
  readonly subscription: Subscription;
  /** Of the link when it was set. */
  readonly generation: number;
  /** No handler had this filter before. */
  readonly isAdded: boolean;
};

/** Where the SUBSCRIBE goes. */
export type Occasion = {
  readonly hasRetainHandling: boolean;
  readonly isSessionPresent: boolean;
  /**
   * "start": the first connection of this process, "return": a later one, "change": none of both,
   * something else is wanted than before.
   */
  readonly kind: "start" | "return" | "change";
};

export type RetainedWish = RetainedFacts & { readonly rh: RetainHandling };

const RETAIN_HANDLING = { send: 0, new: 1, ignore: 2 } as const;

/** All that is wanted, by the filter as it is sent. */
export function toWantedFilters(
  handlers: Iterable<Subscription>,
  plain: Iterable<Subscription>,
  { origin, group }: { readonly origin: string; readonly group?: string | undefined },
): Map<string, WantedFilter> {
  const toWanted = (subscription: Subscription): [string, WantedFilter] => {
    const sent = addOrigin(origin, subscription.filter);
    return [sent, { ...subscription, sent, isShared: false }];
  };
  if (group === undefined) {
    return new Map(coverSubscriptions([...handlers, ...plain]).map(toWanted));
  }
  const shared = coverSubscriptions(handlers).map((subscription): [string, WantedFilter] => {
    const sent = `$share/${group}/${addOrigin(origin, subscription.filter)}`;
    return [sent, { ...subscription, sent, isShared: true }];
  });
  return new Map([...shared, ...coverSubscriptions(plain).map(toWanted)]);
}

/** The new subscriptions that want retained messages, by the wanted filter that covers them. */
export function groupFresh(
  wanted: Iterable<WantedFilter>,
  fresh: readonly FreshSubscription[],
): Map<WantedFilter | undefined, FreshSubscription[]> {
  const asking = fresh.filter(({ subscription: { retained }, isAdded }) => {
    return retained === "send" || (retained === "new" && isAdded);
  });
  if (asking.length === 0) return new Map();
  const tree = new FilterTree<WantedFilter>();
  // Shared subscriptions get no retained messages (MQTT 5 section 4.8.2).
  for (const one of wanted) if (!one.isShared) tree.set(one.filter, one);
  return Map.groupBy(asking, ({ subscription }) => tree.find(subscription.filter));
}

/** Which retained messages to ask for with a filter, and for whom those are that come. */
export function toRetainedWish(
  { retained, isShared }: WantedFilter,
  fresh: readonly FreshSubscription[],
  occasion: Occasion,
): RetainedWish {
  const { kind, isSessionPresent, hasRetainHandling } = occasion;
  if (isShared) return { rh: 2, retainedSince: NOBODY, isNewSubscription: false };
  if (kind !== "change" && !isSessionPresent) {
    // Whoever asked while there was no connection gets them as well; handlers take what is theirs.
    const rh = fresh.length > 0 ? 0 : RETAIN_HANDLING[retained];
    return { rh, retainedSince: 0, isNewSubscription: true };
  }
  // A program that starts again has lost its memory, though the broker has kept its session.
  if (kind === "start") {
    const rh = fresh.length > 0 ? 0 : RETAIN_HANDLING[retained];
    return { rh, retainedSince: 0, isNewSubscription: rh === 1 && hasRetainHandling };
  }
  if (fresh.length > 0) {
    return {
      rh: 0,
      retainedSince: Math.min(...fresh.map(({ generation }) => generation)),
      isNewSubscription: fresh.some(({ isAdded }) => isAdded),
    };
  }
  // Nobody waits for any. With Retain Handling 1 they come when the broker has lost this one.
  const rh = kind === "change" || retained === "ignore" ? 2 : 1;
  const retainedSince = hasRetainHandling ? 0 : NOBODY;
  return { rh, retainedSince, isNewSubscription: hasRetainHandling };
}
