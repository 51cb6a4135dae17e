// Who is connected, for HTTP and people, and the way to disconnect someone. The bridge itself is
// never among them. Made by broker.ts.

import type { Aedes } from "aedes";
import type { AedesClient } from "./aedes-client.ts";
import { disconnect, REASON } from "./answers.ts";
import type { Connection } from "./client-connection.ts";
import { type ClientFacts, toClientFacts } from "./client-facts.ts";

export type ClientList = {
  /** In the order in which they came. */
  clients(): readonly ClientFacts[];
  client(id: string): ClientFacts | undefined;
  /** Ends a client's connection; false when there is none of that id. */
  disconnect(id: string): boolean;
};

export function createClientList(aedes: Aedes, connections: ReadonlySet<Connection>): ClientList {
  // Of two connections with one id, the old one may still be closing: this has the other.
  const { clients } = aedes as unknown as { readonly clients: Record<string, AedesClient> };
  const find = (id: string): Connection | undefined => {
    const { connection } = clients[id] ?? {};
    return connection?.isOwn || connection?.client.closed ? undefined : connection;
  };
  return {
    clients: () => [...connections].flatMap((connection) => toClientFacts(connection) ?? []),
    client(id) {
      const connection = find(id);
      return connection && toClientFacts(connection);
    },
    disconnect(id) {
      const connection = find(id);
      if (!connection) return false;
      disconnect(connection, REASON.administrativeAction, "disconnected by an operator");
      return true;
    },
  };
}
