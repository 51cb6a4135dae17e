// Who holds a client id, and with it a session. Called by engine.ts.
//
// aedes closes the old client of an id first and puts the new one in its place afterwards. Whatever
// happens in between goes wrong: of several newcomers all but one stay connected for ever, and the
// old client's end takes the new one off the list. Here a newcomer holds the id at once, and only
// the holder's end is a beginning of the session's end.
// (Fixed in part in aedes 1.2.0; remove when 2.0 keeps 1 of 300 connections with one id.)

import type { Aedes } from "aedes";
import type { AedesClient } from "./aedes-client.ts";
import { REASON } from "./answers.ts";
import type { Connection } from "./client-connection.ts";
import { followWills } from "./delayed-wills.ts";
import type { Sessions } from "./sessions.ts";

/** What aedes does when a client comes and goes, and does not put into its types. */
type Engine = {
  readonly clients: Record<string, AedesClient | undefined>;
  connectedClients: number;
  registerClient(client: AedesClient): void;
  unregisterClient(client: AedesClient): void;
  scheduleSessionExpiry(client: AedesClient): void;
  _finishRegisterClient(client: AedesClient): void;
  emit(event: "clientDisconnect", client: AedesClient): boolean;
};

export type TakeOverParts = {
  readonly sessions: Sessions;
  /** Called when a newcomer takes the id of a connection that is still open. */
  readonly onTakenOver: (old: Connection, by: Connection) => void;
};

export function followClients(aedes: Aedes, { sessions, onTakenOver }: TakeOverParts): void {
  const engine = aedes as unknown as Engine;
  const { clients } = engine;
  const registered = new WeakSet<AedesClient>();
  const register = engine._finishRegisterClient.bind(engine);
  const unregister = engine.unregisterClient.bind(engine);
  const wills = followWills(aedes);

  Object.assign(engine, {
    registerClient(client) {
      if (client.closed) return; // It left while its login was checked.
      const holder = clients[client.id];
      if (holder) stopSending(holder);
      registered.add(client);
      register(client);
      wills.settle(client.id, openSession(client, sessions));
      // [MQTT-3.1.4-3] the old connection is told, and closed.
      holder?.disconnect({ reasonCode: REASON.sessionTakenOver });
      if (holder?.connection && client.connection) {
        onTakenOver(holder.connection, client.connection);
      }
    },
    unregisterClient(client) {
      if (!registered.delete(client)) return;
      stopSending(client);
      if (clients[client.id] === client) return unregister(client);
      engine.connectedClients -= 1;
      engine.emit("clientDisconnect", client);
    },
    // Called at the end of a connection: another one may hold the id by then.
    scheduleSessionExpiry(client) {
      const session = client.connection?.session;
      if (!clients[client.id] && session) sessions.leave(session, client.sessionExpiryInterval);
    },
  } satisfies Partial<Engine>);
}

/** True when it goes on with an earlier one. */
function openSession(client: AedesClient, sessions: Sessions): boolean {
  const { connection } = client;
  if (!connection) return false;
  const { session, isResumed } = sessions.open({
    id: client.id,
    isCleanStart: client._cleanStart,
    expirySeconds: client.sessionExpiryInterval,
    username: connection.username,
  });
  const { permissions } = connection;
  session.mayRead = permissions && ((topic) => permissions.mayRead(topic));
  session.isOwn = connection.isOwn;
  connection.session = session;
  connection.isResumed = isResumed;
  return isResumed;
}

function stopSending({ connection }: AedesClient): void {
  if (connection?.outbound) connection.session?.outbound.detach(connection.outbound);
}
