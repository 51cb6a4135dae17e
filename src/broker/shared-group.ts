// A shared subscription (MQTT 5 section 4.8.2): each message goes to one of its members, in turn.

import type { Session, Subscription } from "./client-session.ts";
import type { Recipient } from "./outbound.ts";

export type Member = { readonly session: Session; readonly recipient: Recipient };

export class SharedGroup {
  /** `$share/<group>/<filter>` */
  readonly filter: string;
  readonly #members = new Map<Session, Member>();
  #order: Member[] = [];
  #turn = 0;

  constructor(filter: string) {
    this.filter = filter;
  }

  get size(): number {
    return this.#members.size;
  }

  /** True when the session was no member before. */
  set(session: Session, { qos, retainAsPublished, identifier }: Subscription): boolean {
    const isNew = !this.#members.has(session);
    const identifiers = identifier === undefined ? undefined : [identifier];
    const recipient = { qos, retainAsPublished, identifiers, group: this };
    this.#members.set(session, { session, recipient });
    this.#order = [...this.#members.values()];
    return isNew;
  }

  delete(session: Session): boolean {
    const wasMember = this.#members.delete(session);
    this.#order = [...this.#members.values()];
    return wasMember;
  }

  /**
   * Whose turn it is: a member that can take a message of this topic now, else one that is there,
   * else one whose session waits for its client. Undefined when nobody can, or may, have it.
   */
  next(topic: string): Member | undefined {
    return (
      this.#findFrom(topic, (session) => session.outbound.hasRoom) ??
      this.#findFrom(topic, ({ outbound }) => outbound.isConnected && !outbound.queue.isFull) ??
      this.#findFrom(topic, ({ isKept, outbound }) => isKept && !outbound.queue.isFull) ??
      this.#findFrom(topic, ({ isKept }) => isKept)
    );
  }

  /** Whether somebody other than this session is there, and can take more. */
  hasOthers(session: Session): boolean {
    return this.#order.some(({ session: one }) => {
      return one !== session && one.outbound.isConnected && !one.outbound.queue.isFull;
    });
  }

  #findFrom(topic: string, isFit: (session: Session) => boolean): Member | undefined {
    const { length } = this.#order;
    for (let step = 0; step < length; step++) {
      const at = (this.#turn + step) % length;
      const member = this.#order[at];
      if (!member || !isFit(member.session)) continue;
      if (member.session.mayRead?.(topic) === false) continue; // Another member may.
      this.#turn = (at + 1) % length;
      return member;
    }
    return undefined;
  }
}
