// Who is at the other end of a connection. Made by the listeners, read by the broker for its log,
// its limits and its logins. It opens nothing.

import type { Duplex } from "node:stream";

export type Peer = {
  /** For people: `127.0.0.1:51234 (TLS)`. */
  readonly address: string;
  /** The same machine has the same one: without the port, and IPv4 as IPv4. */
  readonly host: string;
  readonly door: "tcp" | "websocket" | "tls" | "wss" | "pipe";
  /** The common name of a client certificate that an authority of ours has signed. */
  readonly certificateName?: string;
};

/** Takes a connection that is open, and serves it. */
export type Accept = (stream: Duplex, peer: Peer) => void;

/** An open port; disposing accepts no more. */
export type Listener = AsyncDisposable & { readonly port: number };

/** For the host of a connection that has no address any more. */
export const UNKNOWN_HOST = "unknown";

/** `::ffff:10.0.0.7`, as a socket that listens on `::` has it, is 10.0.0.7 (RFC 4291, 2.5.5.2). */
export function toHost(remoteAddress: string | undefined): string {
  return remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, "") ?? UNKNOWN_HOST;
}
