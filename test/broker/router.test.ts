// The router against a plain list of subscriptions, over random filters and topics.

import { describe, expect, test } from "bun:test";
import { Session, type Subscription } from "../../src/broker/client-session.ts";
import { Publication } from "../../src/broker/publication.ts";
import { RetainedMessages } from "../../src/broker/retained-messages.ts";
import { Router } from "../../src/broker/router.ts";
import type { QoS } from "../../src/topics/message.ts";
import { TEST_LIMITS as limits } from "../kit/broker-settings.ts";
import { matchesFilter } from "../kit/filter-matching.ts";
import { createRandom, type Random } from "../kit/random.ts";
import { createFilter, listTopics } from "../topics/random-topics.ts";

const TOPICS = listTopics(3);
const SESSIONS = 6;

type Known = { readonly session: Session; readonly subscription: Subscription };

function openRouter() {
  const store = { putRetained() {}, deleteRetained() {} };
  const router = new Router(new RetainedMessages({ limits, store, onFull() {} }));
  const sessions = Array.from({ length: SESSIONS }, (_, at) => {
    return new Session(`client ${at}`, at + 1, { limits, onDrop() {} });
  });
  return { router, sessions };
}

function createSubscription(random: Random): Subscription {
  const group = random.chance(0.2) ? `$share/g${random.below(2)}/` : "";
  return {
    filter: group + createFilter(random),
    qos: random.chance(0.5) ? 1 : 2, // What has QoS 0 is not queued, and could not be seen here.
    noLocal: group === "" && random.chance(0.3),
    retainAsPublished: random.chance(0.5),
    retainHandling: 0,
    identifier: random.chance(0.5) ? 1 + random.below(5) : undefined,
  };
}

/** What each session is to get outside of groups, by the letter of the specification. */
function expectPlain(
  all: readonly Known[],
  sessions: readonly Session[],
  publication: Publication,
) {
  return sessions.map((session) => {
    const matching = all.filter(({ session: one, subscription: { filter, noLocal } }) => {
      if (one !== session || filter.startsWith("$share/")) return false;
      if (noLocal && session.id === publication.publisherId) return false; // [MQTT-3.8.3-3]
      return matchesFilter(filter, publication.topic);
    });
    if (matching.length === 0) return [];
    const subscriptions = matching.map(({ subscription }) => subscription);
    return [
      {
        qos: Math.max(...subscriptions.map(({ qos }) => qos)) as QoS,
        retain: subscriptions.some(({ retainAsPublished }) => retainAsPublished),
        identifiers: subscriptions.flatMap(({ identifier }) => identifier ?? []).sort(),
      },
    ];
  });
}

/** Groups of which somebody matches. */
function expectGroups(all: readonly Known[], topic: string): string[] {
  const filters = all.map(({ subscription }) => subscription.filter);
  const shared = filters.filter((filter) => {
    if (!filter.startsWith("$share/")) return false;
    return matchesFilter(filter.split("/").slice(2).join("/"), topic);
  });
  return [...new Set(shared)].sort();
}

/** What has come into the queues, which are empty again. */
function takeReceived(sessions: readonly Session[]) {
  const queues = sessions.map(({ outbound }) => [...outbound.queue].map(([, entry]) => entry));
  for (const { outbound } of sessions) outbound.queue.clear();
  const plain = queues.map((entries) => {
    return entries
      .filter(({ group }) => !group)
      .map(({ qos, retain, identifiers = [] }) => {
        return { qos, retain, identifiers: identifiers.toSorted() };
      });
  });
  const groups = queues.flat().flatMap(({ group }) => group?.filter ?? []);
  return { plain, groups: groups.sort() };
}

describe.each([11, 22, 33, 44])("with the seed %p", (seed) => {
  test("everyone gets what is theirs, once, while subscriptions come and go", () => {
    const random = createRandom(seed);
    const { router, sessions } = openRouter();
    for (const session of sessions) session.expirySeconds = 600;
    const all = new Map<string, Known>();
    const toKey = (session: Session, filter: string) => `${session.id} ${filter}`;
    for (let turn = 0; turn < 400; turn++) {
      const session = sessions[random.below(SESSIONS)] as Session;
      if (random.chance(0.6)) {
        const subscription = createSubscription(random);
        const key = toKey(session, subscription.filter);
        expect(router.subscribe(session, subscription)).toBe(!all.has(key));
        all.set(key, { session, subscription });
      } else {
        const known = [...session.subscriptions.keys()];
        const filter = known[random.below(known.length + 1)] ?? createFilter(random);
        expect(router.unsubscribe(session, filter)).toBe(all.delete(toKey(session, filter)));
      }
      const publication = new Publication({
        topic: TOPICS[random.below(TOPICS.length)] ?? "a",
        payload: Buffer.from("x"),
        qos: 2,
        retain: true,
        publisherId: `client ${random.below(SESSIONS)}`,
      });
      const list = [...all.values()];
      const expected = {
        plain: expectPlain(list, sessions, publication),
        groups: expectGroups(list, publication.topic),
      };
      const fate = router.publish(publication);
      const { topic } = publication;
      expect({ turn, topic, ...takeReceived(sessions) }).toEqual({ turn, topic, ...expected });
      const isGiven = expected.plain.flat().length + expected.groups.length > 0;
      expect(fate).toBe(isGiven ? "given" : "unwanted");
      const shared = list.filter(({ subscription }) => subscription.filter.startsWith("$share/"));
      const counts = [router.subscriptionCount, router.sharedSubscriptionCount];
      expect(counts).toEqual([list.length, shared.length]);
    }
  });
});
