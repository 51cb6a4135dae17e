// What the broker keeps for its clients, in memory: aedes' own persistence, but for the part over
// which it would crash, grow and lose messages. Used by engine.ts.

import createAedesPersistence from "aedes-persistence";

type Owner = { readonly id: string; readonly clean: boolean };
type Numbered = { readonly messageId?: number };

/**
 * aedes keeps a QoS 2 message that came in until its PUBREL, though nothing but the identifier is
 * used: up to 65,535 payloads of a client that sends no PUBREL (GHSA-5jvp-3p2v-5qgf). It keeps them
 * over a clean start, where a new message is then taken for an old one and lost
 * (GHSA-p8r9-qf8w-p73r). It leaves a rejection unhandled, which ends the process, over a PUBREL that
 * comes twice. Here only identifiers are kept, for as long as the session.
 * (All three are fixed in aedes 1.2.0; remove when 2.0 has them.)
 */
export function createMemoryPersistence(): object {
  const persistence = createAedesPersistence();
  const cleanSubscriptions = persistence.cleanSubscriptions.bind(persistence);
  /** A clean session is a connection; any other is known by its client id. */
  const ofConnections = new WeakMap<Owner, Set<number>>();
  const ofSessions = new Map<string, Set<number>>();

  const find = (owner: Owner) => {
    return owner.clean ? ofConnections.get(owner) : ofSessions.get(owner.id);
  };
  return Object.assign(persistence, {
    async incomingStorePacket(owner: Owner, { messageId = 0 }: Numbered) {
      const identifiers = (find(owner) ?? new Set<number>()).add(messageId);
      if (owner.clean) ofConnections.set(owner, identifiers);
      else ofSessions.set(owner.id, identifiers);
    },
    async incomingGetPacket(owner: Owner, { messageId = 0 }: Numbered) {
      if (!find(owner)?.has(messageId)) throw new Error("no such packet");
      return { messageId };
    },
    async incomingDelPacket(owner: Owner, { messageId = 0 }: Numbered) {
      find(owner)?.delete(messageId);
    },
    // Called when a client starts clean, and when a session has expired.
    async cleanSubscriptions(owner: Owner) {
      ofSessions.delete(owner.id);
      await cleanSubscriptions(owner);
    },
  });
}
