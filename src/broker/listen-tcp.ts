// MQTT over plain TCP. Opened by listeners.ts.

import { createServer, type Server, type Socket } from "node:net";
import { toListenError } from "../lib/listen-error.ts";
import { type Accept, type Listener, toHost } from "./peer.ts";

/** Time after which the kernel asks a silent peer whether it is still there. */
const TCP_KEEPALIVE_MS = 60_000;

export async function listenTcp(host: string, port: number, accept: Accept): Promise<Listener> {
  const server = createServer((socket) => {
    prepareSocket(socket);
    const peer = toHost(socket.remoteAddress);
    accept(socket, { address: `${peer}:${socket.remotePort}`, host: peer, door: "tcp" });
  });
  const remedy =
    `use the broker that is there: --broker mqtt://${host}:${port}; ` +
    "or choose another port: --mqtt-port 0 takes a free one";
  await openServer(server, { what: "the MQTT broker", host, port, remedy });
  return {
    port: readPort(server, port),
    // Accepts no more. The open connections are the engine's to end, so nothing is awaited here.
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** Packets leave at once, and a peer that is silently gone is noticed. */
export function prepareSocket(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
}

/** Resolves when it listens. Throws `port_taken`, `address_unavailable`. */
export function openServer(
  server: Server,
  facts: Parameters<typeof toListenError>[1],
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(toListenError(cause, facts)));
    server.listen(facts.port, facts.host, () => resolve());
  });
}

/** The port on which the server listens, where 0 was asked for, too. */
export function readPort(server: Server, asked: number): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : asked;
}
