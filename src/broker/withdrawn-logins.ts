// Clients whose password was changed, or whose login was removed, while they are connected: they
// are disconnected when the file is read again. Opened by broker.ts. Who is still in the file as
// before is left alone, and so is who came with a certificate or without a name.

import type { Access } from "../access/access.ts";
import { disconnect, REASON } from "./answers.ts";
import type { Connection } from "./client-connection.ts";

/** Follows the password file until it is disposed. */
export function followLogins(access: Access, connections: ReadonlySet<Connection>): Disposable {
  return access.onPasswordsRead(() => {
    for (const connection of [...connections]) {
      const reason = connection.login && access.findWithdrawal(connection.login);
      if (reason !== undefined) end(connection, reason);
    }
  });
}

// Not 0x87, which answers a request (section 3.14.2.1): with its new password it may come again.
function end(connection: Connection, reason: string): void {
  const { client } = connection;
  if (client.connackSent) return disconnect(connection, REASON.administrativeAction, reason);
  // Its CONNACK waits for the disk, and nothing may be said before it [MQTT-3.2.0-1].
  if (!client.closed) client.emit("error", new Error(reason));
}
