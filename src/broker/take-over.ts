// Who holds a client id. Called by engine.ts.
//
// aedes closes the old client of an id first and puts the new one in its place afterwards. Whatever
// happens in between goes wrong: of several newcomers all but one stay connected for ever, and the
// old client's end takes the new one off the list and wipes its session. Here a newcomer holds the
// id at once, and only the holder's end is the session's end.
// (Fixed in part in aedes 1.2.0; remove when 2.0 keeps 1 of 300 connections with one id.)

import type { Aedes, Client } from "aedes";

/** What aedes does when a client comes and goes, and does not put into its types. */
type Engine = {
  readonly clients: Record<string, Client | undefined>;
  connectedClients: number;
  registerClient(client: Client): void;
  unregisterClient(client: Client): void;
  scheduleSessionExpiry(client: Client): void;
  scheduleWill(client: Client, will: unknown, delaySeconds: number): void;
  _finishRegisterClient(client: Client): void;
  emit(event: "clientDisconnect", client: Client): boolean;
};

/** DISCONNECT reason code (MQTT 5 section 3.14.2.1). */
const SESSION_TAKEN_OVER = 0x8e;

export function correctTakeOver(aedes: Aedes): void {
  const engine = aedes as unknown as Engine;
  const { clients } = engine;
  const registered = new WeakSet<Client>();
  const register = engine._finishRegisterClient.bind(engine);
  const unregister = engine.unregisterClient.bind(engine);
  const scheduleSessionExpiry = engine.scheduleSessionExpiry.bind(engine);
  const scheduleWill = engine.scheduleWill.bind(engine);

  Object.assign(engine, {
    registerClient(client) {
      if (client.closed) return; // It left while its session was being read.
      const holder = clients[client.id];
      registered.add(client);
      register(client);
      // [MQTT-3.1.4-3] the old connection is told, and closed.
      holder?.disconnect({ reasonCode: SESSION_TAKEN_OVER });
    },
    unregisterClient(client) {
      if (!registered.delete(client)) return;
      if (clients[client.id] === client) return unregister(client);
      engine.connectedClients -= 1;
      engine.emit("clientDisconnect", client);
    },
    // Both are called at the end of a connection: another one may hold the id by then.
    scheduleSessionExpiry(client) {
      if (!clients[client.id]) scheduleSessionExpiry(client);
    },
    scheduleWill(client, will, delaySeconds) {
      const holder = clients[client.id];
      if (!holder || holder === client) scheduleWill(client, will, delaySeconds);
    },
  } satisfies Partial<Engine>);
}
