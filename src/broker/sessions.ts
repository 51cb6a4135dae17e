// All sessions, by client id: begun with a CONNECT, resumed by later ones, ended when their time is
// up. Called by take-over.ts when clients come and go.

import type { BrokerStore } from "../store/broker-store.ts";
import { Session } from "./client-session.ts";
import type { OutboundOptions } from "./queued-messages.ts";
import type { Router } from "./router.ts";

export type SessionsOptions = {
  readonly limits: OutboundOptions["limits"] & { readonly sessionsMax: number };
  readonly store: BrokerStore;
  readonly router: Router;
  /** Called for every message that a full queue does not take. */
  readonly onDrop: (id: string) => void;
  /** Called when a session is not kept, for lack of room. */
  readonly onRefused: (session: Session) => void;
  /** Called when the time of a session is up. */
  readonly onExpired: (session: Session) => void;
};

/** What a CONNECT asks for. */
export type SessionRequest = {
  readonly id: string;
  readonly isCleanStart: boolean;
  readonly expirySeconds: number;
  readonly username: string | undefined;
};

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();
  /** Those whose client is not there. */
  readonly #away = new Set<Session>();
  #lastKey = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }
  get awayCount(): number {
    return this.#away.size;
  }
  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }
  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }

  /** The session that a client goes on with, or a new one [MQTT-3.1.2-4], [MQTT-3.1.2-5]. */
  open(
    request: SessionRequest,
    nowMs = Date.now(),
  ): { readonly session: Session; readonly isResumed: boolean } {
    const known = this.#sessions.get(request.id);
    // Section 3.1.2.11.2: one whose time is up may not have been swept yet.
    const isOver = (known?.endsAtMs ?? Infinity) <= nowMs;
    const isResumed = known?.isKept === true && !isOver && !request.isCleanStart;
    if (known && !isResumed) this.end(known);
    const session = isResumed ? known : this.#create(request.id, ++this.#lastKey);
    this.#away.delete(session);
    session.endsAtMs = undefined;
    session.username = request.username;
    session.expirySeconds = request.expirySeconds;
    this.#keep(session);
    return { session, isResumed };
  }

  /** Its client has left: the session waits for it, or ends. */
  leave(session: Session, expirySeconds: number, nowMs = Date.now()): void {
    session.expirySeconds = expirySeconds;
    if (!session.isKept) return this.end(session);
    if (this.#away.size >= this.#options.limits.sessionsMax) {
      this.#options.onRefused(session);
      return this.end(session);
    }
    session.endsAtMs = nowMs + expirySeconds * 1000;
    this.#away.add(session);
    this.#keep(session);
    this.#options.router.passOnShared(session);
  }

  end(session: Session): void {
    const { router, store } = this.#options;
    this.#sessions.delete(session.id);
    this.#away.delete(session);
    // First: what it has of shared subscriptions goes to other members, there or away.
    for (const filter of session.subscriptions.keys()) router.unsubscribe(session, filter);
    router.passOnShared(session);
    session.outbound.queue.clear();
    if (session.isStored) store.deleteSession(session.key);
    session.isStored = false;
  }

  /** Ends those whose time is up; to be called now and then. */
  sweep(nowMs: number): void {
    for (const session of this.#away) {
      if ((session.endsAtMs ?? Infinity) > nowMs) continue;
      this.end(session);
      this.#options.onExpired(session);
    }
  }

  /** A session as the store had it; its client is not there. */
  restore(id: string, key: number): Session {
    const session = this.#create(id, key);
    session.isStored = true;
    this.#lastKey = Math.max(this.#lastKey, key);
    this.#away.add(session);
    return session;
  }

  #create(id: string, key: number): Session {
    const session = new Session(id, key, this.#options);
    this.#sessions.set(id, session);
    return session;
  }

  // Only what outlives its connection is worth the disk.
  #keep(session: Session): void {
    const { store } = this.#options;
    if (!store.isKept || (!session.isKept && !session.isStored)) return;
    store.putSession(session);
    if (session.isStored) return;
    session.isStored = true;
    for (const subscription of session.subscriptions.values()) {
      store.putSubscription(session.key, subscription);
    }
    for (const identifier of session.received) store.putReceived(session.key, identifier);
    session.outbound.queue.useStore(bindQueue(store, session.key));
  }
}

/** The store as the queue of one session sees it. */
export function bindQueue(store: BrokerStore, key: number) {
  return {
    putEntry: store.putEntry.bind(store, key),
    releaseEntry: store.releaseEntry.bind(store, key),
    deleteEntry: store.deleteEntry.bind(store, key),
    putSent: store.putSent.bind(store, key),
    whenStored: store.whenStored.bind(store),
    isWaitedFor: store.isWaitedFor,
  };
}
