// The broker's state behind aedes' interface for a persistence (aedes-persistence 10), whole, so
// that the test suite of that interface holds ours to it. The broker itself works on the state
// directly, in order, and without a promise per message; aedes calls what concerns wills. Made by
// engine.ts.

import { Readable } from "node:stream";
import type { QoS } from "../topics/message.ts";
import type { Session, Subscription } from "./client-session.ts";
import { createPacketParts, type PersistenceParts } from "./persistence-packets.ts";

type Owner = { readonly id: string };
/** A subscription as aedes has it. */
type OwnSubscription = {
  readonly topic: string;
  readonly qos: QoS;
  readonly rh?: number;
  readonly rap?: boolean;
  readonly nl?: boolean;
  readonly subscriptionIdentifier?: number;
};

/** aedes keeps a session until a clean start. */
const NEVER_SECONDS = 0xffff_ffff;

export function createPersistence(parts: PersistenceParts) {
  const { store, sessions, router } = parts;
  const open = (id: string): Session => {
    const request = { id, isCleanStart: false, expirySeconds: NEVER_SECONDS, username: undefined };
    return sessions.get(id) ?? sessions.open(request).session;
  };
  return {
    ...createPacketParts(parts, open),

    async addSubscriptions({ id }: Owner, subscriptions: readonly OwnSubscription[]) {
      const session = open(id);
      for (const subscription of subscriptions.map(fromAedes)) {
        router.subscribe(session, subscription);
        store.putSubscription(session.key, subscription);
      }
    },
    async removeSubscriptions({ id }: Owner, filters: readonly string[]) {
      const session = open(id);
      for (const filter of filters) {
        if (router.unsubscribe(session, filter)) store.deleteSubscription(session.key, filter);
      }
    },
    async cleanSubscriptions({ id }: Owner) {
      const session = sessions.get(id);
      if (session) sessions.end(session);
    },
    async subscriptionsByClient({ id }: Owner) {
      return [...(sessions.get(id)?.subscriptions.values() ?? [])].map(toAedes);
    },
    async subscriptionsByTopic(topic: string) {
      const found = router.findSubscriptions(topic).filter(({ subscription }) => {
        return subscription.qos > 0;
      });
      return found.map(({ session, subscription }) => {
        return { clientId: session.id, ...toAedes(subscription) };
      });
    },
    async countOffline() {
      const owners = [...sessions].filter(({ subscriptions }) => subscriptions.size > 0);
      const all = owners.flatMap(({ subscriptions }) => [...subscriptions.values()]);
      return { subsCount: all.filter(({ qos }) => qos > 0).length, clientsCount: owners.length };
    },
    getClientList(filter: string): Readable {
      const owners = [...sessions].filter(({ subscriptions }) => subscriptions.has(filter));
      return Readable.from(owners.map(({ id }) => id));
    },
  };
}

function fromAedes(subscription: OwnSubscription): Subscription {
  const { topic: filter, qos, rh = 0, rap = false, nl = false } = subscription;
  return {
    filter,
    qos,
    retainHandling: rh,
    retainAsPublished: rap,
    noLocal: nl,
    identifier: subscription.subscriptionIdentifier,
  };
}

function toAedes(subscription: Subscription): OwnSubscription {
  const { filter: topic, qos, retainHandling: rh, retainAsPublished: rap } = subscription;
  const { noLocal: nl, identifier: subscriptionIdentifier } = subscription;
  const own = { topic, qos, rh, rap, nl };
  return subscriptionIdentifier === undefined ? own : { ...own, subscriptionIdentifier };
}
