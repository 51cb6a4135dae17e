// What there is to say of one connected client, for HTTP and people. Data only.

import type { Connection } from "./client-connection.ts";

export type ClientFacts = {
  readonly id: string;
  readonly username: string | undefined;
  /** With the port. */
  readonly address: string;
  readonly door: string;
  /** 3 (MQTT 3.1), 4 (3.1.1) or 5. */
  readonly version: number;
  readonly keepaliveSeconds: number;
  /** Milliseconds since 1970. */
  readonly connectedAtMs: number;
  readonly sessionExpirySeconds: number;
  readonly subscriptions: readonly string[];
  /** QoS 1 and 2 messages for it: waiting and under way, and under way alone. */
  readonly queuedCount: number;
  readonly inflightCount: number;
  readonly queuedBytes: number;
  /** Bytes it has not read yet. */
  readonly unreadBytes: number;
  readonly leftOutCount: number;
};

/** Undefined for the bridge itself, and before CONNECT is accepted. */
export function toClientFacts(connection: Connection): ClientFacts | undefined {
  const { session, peer, client, facts, writes } = connection;
  if (!session || connection.isOwn || client.closed) return undefined;
  const { queue, inflightCount } = session.outbound;
  return {
    id: session.id,
    username: connection.username,
    address: peer.address,
    door: peer.door,
    version: client.version,
    keepaliveSeconds: client._serverKeepAlive ?? facts?.keepaliveSeconds ?? 0,
    connectedAtMs: connection.sinceMs,
    sessionExpirySeconds: session.expirySeconds,
    subscriptions: [...session.subscriptions.keys()],
    queuedCount: queue.size,
    inflightCount,
    queuedBytes: queue.bytes,
    unreadBytes: writes.unreadBytes(),
    leftOutCount: connection.outbound?.leftOutCount ?? 0,
  };
}
