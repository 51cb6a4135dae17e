// From one publisher to all who subscribe: the heart of the broker. It finds the sessions that a
// message is for and puts it into their queues, at once, so that order needs no further care.
// Called by publishing.ts and subscribing.ts.

import type { Session, Subscription } from "./client-session.ts";
import type { Recipient } from "./outbound.ts";
import type { Publication } from "./publication.ts";
import type { RetainedMessages } from "./retained-messages.ts";
import type { SharedGroup } from "./shared-group.ts";
import { type Subscribed, SubscriptionTree, splitShared } from "./subscription-tree.ts";

/** Somebody gets the message; nobody subscribes to it; nor was there room to retain it. */
export type Fate = "given" | "unwanted" | "lost";

export class Router {
  readonly #tree = new SubscriptionTree();
  readonly #retained: RetainedMessages;

  constructor(retained: RetainedMessages) {
    this.#retained = retained;
  }

  get subscriptionCount(): number {
    return this.#tree.size;
  }

  get sharedSubscriptionCount(): number {
    return this.#tree.sharedSize;
  }

  /** The group of a filter that begins with `$share/`; undefined when nobody is in it. */
  findGroup(sharedFilter: string): SharedGroup | undefined {
    return this.#tree.findGroup(sharedFilter);
  }

  /** Who is subscribed to a topic, and how; shared subscriptions left out. */
  findSubscriptions(topic: string): readonly Subscribed[] {
    return this.#tree.findSubscriptions(topic);
  }

  /** Keeps the message if it is to be retained, and gives it to all. */
  publish(publication: Publication): Fate {
    const hasRoom = !publication.retain || this.#retained.put(publication);
    const { recipients, groups } = this.#tree.find(publication.topic);
    let isWanted = false;
    if (recipients.length > 1) publication.shareFrames(true);
    for (const { session, recipient, hasNoLocal } of recipients) {
      // [MQTT-3.8.3-3] with No Local a client does not get its own messages.
      const isOwn = hasNoLocal && session.id === publication.publisherId;
      const how = isOwn ? this.#tree.findOwn(session, publication.topic) : recipient;
      if (how && give(session, publication, how)) isWanted = true;
    }
    for (const group of groups) if (giveToOne(group, publication)) isWanted = true;
    if (recipients.length > 1) publication.shareFrames(false);
    if (isWanted) return "given";
    return hasRoom ? "unwanted" : "lost";
  }

  /** True when the session did not have this filter before. */
  subscribe(session: Session, subscription: Subscription): boolean {
    const isNew = !session.subscriptions.has(subscription.filter);
    session.subscriptions.set(subscription.filter, subscription);
    this.#tree.add(session, subscription);
    return isNew;
  }

  /** False when there was no such subscription. */
  unsubscribe(session: Session, filter: string): boolean {
    if (!session.subscriptions.delete(filter)) return false;
    const group = this.#tree.remove(session, filter);
    if (group) this.#passOn(session, (one) => one === group);
    return true;
  }

  /** What a session whose client left has of shared subscriptions goes to other members. */
  passOnShared(session: Session): void {
    this.#passOn(session, (group) => (group as SharedGroup).hasOthers(session));
  }

  /** Sends the retained messages that a new subscription matches [MQTT-3.3.1-9]. */
  sendRetained(session: Session, { filter, qos, identifier }: Subscription): void {
    // A shared subscription gets none (section 4.8.2).
    if (splitShared(filter).group !== undefined) return;
    const identifiers = identifier === undefined ? undefined : [identifier];
    // Retained messages that answer a SUBSCRIBE say that they are [MQTT-3.3.1-8].
    const recipient: Recipient = { qos, retainAsPublished: true, identifiers, group: undefined };
    session.outbound.deliverRetained(this.#readRetained(session, filter, recipient));
  }

  // Searched when it is its turn: thousands of filters may wait. Read when they are sent, so that
  // no value follows a newer one.
  *#readRetained(session: Session, filter: string, recipient: Recipient) {
    for (const topic of this.#retained.find(filter)) {
      const publication = this.#retained.get(topic);
      if (!publication || session.mayRead?.(topic) === false) continue;
      yield { publication, recipient };
    }
  }

  #passOn(session: Session, isTheirs: (group: object) => boolean): void {
    for (const { publication, group } of session.outbound.takeShared(isTheirs)) {
      giveToOne(group as SharedGroup, publication);
    }
  }
}

function give(session: Session, publication: Publication, recipient: Recipient): boolean {
  if (session.mayRead?.(publication.topic) === false) return false;
  session.outbound.deliver(publication, recipient);
  return true;
}

function giveToOne(group: SharedGroup, publication: Publication): boolean {
  const member = group.next(publication.topic);
  member?.session.outbound.deliver(publication, member.recipient);
  return member !== undefined;
}
