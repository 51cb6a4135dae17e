// MQTT over TLS. Opened by listeners.ts.

import { type Accept, toHost } from "./peer.ts";
import { openTlsServer, type SecureListener, type SecureOptions } from "./tls-server.ts";

/** Throws `port_taken`, `address_unavailable`. */
export function listenTls(options: SecureOptions, accept: Accept): Promise<SecureListener> {
  return openTlsServer(options, {
    what: "MQTT over TLS",
    remedy: "do without it: --tls-port off; or choose another port: --tls-port 0 takes a free one",
    onSocket: accept,
    toPeer(socket) {
      const host = toHost(socket.remoteAddress);
      return { address: `${host}:${socket.remotePort} (TLS)`, host, door: "tls" };
    },
  });
}
