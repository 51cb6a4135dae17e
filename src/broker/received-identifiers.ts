// QoS 2 messages that came in and were not released yet: their identifiers, for as long as the
// session lasts, so that a message that is sent again is not published again [MQTT-4.3.3-10].

type Owner = { readonly id: string; readonly clean: boolean };
type Numbered = { readonly messageId?: number };

/**
 * The part of aedes' persistence for these, under aedes' own names. aedes keeps whole messages,
 * though nothing but the identifier is used: up to 65,535 payloads of a client that sends no PUBREL
 * (GHSA-5jvp-3p2v-5qgf). It keeps them over a clean start, where a new message is then taken for an
 * old one and lost (GHSA-p8r9-qf8w-p73r). It leaves a rejection unhandled, which ends the process,
 * over a PUBREL that comes twice. (Fixed in aedes 1.2.0; remove when 2.0 has it.)
 */
export function createReceivedIdentifiers() {
  /** A clean session is a connection; any other is known by its client id. */
  const ofConnections = new WeakMap<Owner, Set<number>>();
  const ofSessions = new Map<string, Set<number>>();

  const find = (owner: Owner) => {
    return owner.clean ? ofConnections.get(owner) : ofSessions.get(owner.id);
  };
  return {
    async incomingStorePacket(owner: Owner, { messageId = 0 }: Numbered): Promise<void> {
      const identifiers = (find(owner) ?? new Set<number>()).add(messageId);
      if (owner.clean) ofConnections.set(owner, identifiers);
      else ofSessions.set(owner.id, identifiers);
    },
    async incomingGetPacket(owner: Owner, { messageId = 0 }: Numbered): Promise<Numbered> {
      if (!find(owner)?.has(messageId)) throw new Error("no such packet");
      return { messageId };
    },
    async incomingDelPacket(owner: Owner, { messageId = 0 }: Numbered): Promise<void> {
      find(owner)?.delete(messageId);
    },
    /** The session has ended. */
    forget({ id }: { readonly id: string }): void {
      ofSessions.delete(id);
    },
  };
}
