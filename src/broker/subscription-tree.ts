// Who gets a message: the filters of all sessions, found by topic. Used by router.ts.

import { FilterTree } from "../topics/filter-tree.ts";
import type { QoS } from "../topics/message.ts";
import type { Session, Subscription } from "./client-session.ts";
import type { Recipient } from "./outbound.ts";
import { SharedGroup } from "./shared-group.ts";

/** All subscriptions to one filter. */
type Node = {
  readonly sessions: Map<Session, Subscription>;
  /** By name. */
  readonly groups: Map<string, SharedGroup>;
};
/** Everyone for one topic. */
export type Audience = {
  readonly recipients: readonly Addressee[];
  readonly groups: readonly SharedGroup[];
};
export type Addressee = {
  readonly session: Session;
  readonly recipient: Recipient;
  /** Some of its filters have No Local: for its own messages the others count alone. */
  readonly hasNoLocal: boolean;
};

export type Subscribed = { readonly session: Session; readonly subscription: Subscription };

/**
 * Sessions in the audiences that are remembered, with one more for each topic: most topics come
 * again and again.
 */
const REMEMBERED_MAX = 100_000;
const NOBODY: Audience = { recipients: [], groups: [] };

export class SubscriptionTree {
  readonly #tree = new FilterTree<Node>();
  readonly #nodes = new Map<string, Node>();
  #audiences = new Map<string, Audience>();
  #remembered = 0;
  /** Subscriptions in all. */
  size = 0;
  /** Of these, members of shared subscriptions. */
  sharedSize = 0;

  add(session: Session, subscription: Subscription): void {
    const { group: name, filter } = splitShared(subscription.filter);
    const node = this.#open(filter);
    if (name === undefined) {
      if (!node.sessions.has(session)) this.size += 1;
      node.sessions.set(session, subscription);
    } else {
      const group = node.groups.getOrInsertComputed(
        name,
        () => new SharedGroup(subscription.filter),
      );
      if (group.set(session, subscription)) {
        this.size += 1;
        this.sharedSize += 1;
      }
    }
    this.#forget();
  }

  /** The group that it leaves, when others are still in it. */
  remove(session: Session, sharedFilter: string): SharedGroup | undefined {
    const { group: name, filter } = splitShared(sharedFilter);
    const node = this.#nodes.get(filter);
    const group = name === undefined ? undefined : node?.groups.get(name);
    const isThere = group ? group.delete(session) : node?.sessions.delete(session);
    if (!node || !isThere) return undefined;
    this.size -= 1;
    if (group) this.sharedSize -= 1;
    this.#forget();
    if (group?.size === 0) node.groups.delete(name ?? "");
    if (node.sessions.size === 0 && node.groups.size === 0) {
      this.#nodes.delete(filter);
      this.#tree.delete(filter);
    }
    return group && group.size > 0 ? group : undefined;
  }

  findGroup(sharedFilter: string): SharedGroup | undefined {
    const { group = "", filter } = splitShared(sharedFilter);
    return this.#nodes.get(filter)?.groups.get(group);
  }

  find(topic: string): Audience {
    const known = this.#audiences.get(topic);
    if (known) return known;
    const found = this.#search(topic);
    this.#remembered += 1 + found.recipients.length + found.groups.length;
    if (this.#remembered > REMEMBERED_MAX) this.#forget();
    this.#audiences.set(topic, found);
    return found;
  }

  /** What a session gets of its own message; undefined when nothing. */
  findOwn(session: Session, topic: string): Recipient | undefined {
    const subscriptions = this.findSubscriptions(topic)
      .filter((one) => one.session === session && !one.subscription.noLocal)
      .map(({ subscription }) => subscription);
    return subscriptions.length > 0 ? toRecipient(subscriptions) : undefined;
  }

  findSubscriptions(topic: string): Subscribed[] {
    const found: Subscribed[] = [];
    this.#tree.visit(topic.split("/"), ({ sessions }) => {
      for (const [session, subscription] of sessions) found.push({ session, subscription });
      return false;
    });
    return found;
  }

  #open(filter: string): Node {
    const known = this.#nodes.get(filter);
    if (known) return known;
    const node = { sessions: new Map(), groups: new Map() };
    this.#nodes.set(filter, node);
    this.#tree.set(filter, node);
    return node;
  }

  #forget(): void {
    this.#audiences = new Map();
    this.#remembered = 0;
  }

  #search(topic: string): Audience {
    const bySession = new Map<Session, Subscription[]>();
    const groups: SharedGroup[] = [];
    this.#tree.visit(topic.split("/"), (node) => {
      for (const [session, subscription] of node.sessions) {
        bySession.getOrInsertComputed(session, () => []).push(subscription);
      }
      groups.push(...node.groups.values());
      return false;
    });
    if (bySession.size === 0 && groups.length === 0) return NOBODY;
    const recipients = [...bySession].map(([session, subscriptions]) => {
      const hasNoLocal = subscriptions.some(({ noLocal }) => noLocal);
      return { session, recipient: toRecipient(subscriptions), hasNoLocal };
    });
    return { recipients, groups };
  }
}

// [MQTT-3.3.4-2] filters that overlap make one message, with the highest QoS of them and the
// identifiers of all [MQTT-3.3.4-3], [MQTT-3.3.4-4].
function toRecipient(subscriptions: readonly Subscription[]): Recipient {
  const identifiers = subscriptions.flatMap(({ identifier }) => identifier ?? []);
  return {
    qos: Math.max(...subscriptions.map(({ qos }) => qos)) as QoS,
    retainAsPublished: subscriptions.some(({ retainAsPublished }) => retainAsPublished),
    identifiers: identifiers.length > 0 ? identifiers : undefined,
    group: undefined,
  };
}

/** The parts of `$share/<group>/<filter>` (section 4.8.2); without a group, the filter. */
export function splitShared(filter: string): { group: string | undefined; filter: string } {
  const [, group, rest] = /^\$share\/([^/]+)\/(.+)$/s.exec(filter) ?? [];
  return rest === undefined ? { group: undefined, filter } : { group, filter: rest };
}
