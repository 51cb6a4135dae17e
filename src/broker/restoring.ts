// Puts what the store has kept back into memory, before anyone connects. Called by engine.ts.

import type { BrokerStore, StoredWill } from "../store/broker-store.ts";
import type { Session } from "./client-session.ts";
import { Publication } from "./publication.ts";
import type { RetainedMessages } from "./retained-messages.ts";
import type { Router } from "./router.ts";
import { bindQueue, type Sessions } from "./sessions.ts";

export type RestoreParts = {
  readonly store: BrokerStore;
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly router: Router;
  readonly ownClientId?: string | undefined;
  /** What the owner of a session may read. */
  readonly findRights: (session: Session) => Session["mayRead"];
};

/** What was on its way when the process ended; gives the wills that nobody has published yet. */
export function restore(parts: RestoreParts, nowMs = Date.now()): readonly StoredWill[] {
  const { store, sessions, retained, router, findRights } = parts;
  const content = store.load((fields) => new Publication(fields));
  retained.restore(content.retained.filter((message) => !message.isExpired(nowMs)));
  for (const message of content.retained) {
    if (message.isExpired(nowMs)) store.deleteRetained(message.topic);
  }
  for (const kept of content.sessions) {
    const session = sessions.restore(kept.id, kept.key);
    session.username = kept.username;
    session.expirySeconds = kept.expirySeconds;
    // Whose client was there when the process ended has its whole time from now on.
    session.endsAtMs = kept.endsAtMs ?? nowMs + kept.expirySeconds * 1000;
    session.isOwn = kept.id === parts.ownClientId;
    session.mayRead = session.isOwn ? undefined : findRights(session);
    for (const subscription of kept.subscriptions) router.subscribe(session, subscription);
    for (const identifier of kept.received) session.received.add(identifier);
  }
  // The queues last: an entry belongs to a group that all its members are in.
  for (const kept of content.sessions) {
    const session = sessions.get(kept.id);
    const entries = kept.entries.map(([number, { shared, ...entry }]) => {
      const group = shared === undefined ? undefined : router.findGroup(shared);
      return [number, { ...entry, group }] as const;
    });
    session?.outbound.queue.restore(bindQueue(store, kept.key), entries, kept.sentBefore);
  }
  return content.wills;
}
