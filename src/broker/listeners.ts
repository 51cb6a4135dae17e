// Where clients come in: TCP, and WebSocket at /mqtt. A listener hands every accepted connection on
// as a stream with the peer's address, and knows nothing else.

import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isLoopback } from "../config/loopback.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
import { toListenError } from "../lib/listen-error.ts";
import { WebSocketStream } from "../lib/web-socket-stream.ts";

export type Listener = AsyncDisposable & { readonly port: number };
export type Accept = (stream: Duplex, address: string) => void;

/** The path of MQTT over WebSocket, as everywhere in the field. */
export const WEB_SOCKET_PATH = "/mqtt";
/** Time after which the kernel asks a silent peer whether it is still there. */
const TCP_KEEPALIVE_MS = 60_000;

const FRAME_BYTES_MAX = 16 << 20;

export async function listenTcp(host: string, port: number, accept: Accept): Promise<Listener> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    accept(socket, toAddress(socket));
  });
  await listen(server, host, port);
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    // Accepts no more. The open connections are the engine's to end, so nothing is awaited here.
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** Data of one WebSocket connection: the stream that stands for it. */
export type WebSocketData = { stream?: WebSocketStream };
type ServerSocket = Bun.ServerWebSocket<WebSocketData>;

/**
 * Bun's WebSocket handlers that turn each connection into a stream and hand it to `accept`. A frame
 * may have as many bytes as one packet, but at least 16 MiB: it may hold several.
 */
export function createWebSocketHandlers(
  accept: Accept,
  packetBytesMax = 0,
): Bun.WebSocketHandler<WebSocketData> {
  return {
    maxPayloadLength: Math.max(packetBytesMax, FRAME_BYTES_MAX),
    open(socket: ServerSocket) {
      const sink = {
        send: (bytes: Buffer) => void socket.send(bytes),
        close: () => socket.close(),
        waitingBytes: () => socket.getBufferedAmount(),
      };
      const stream = new WebSocketStream(sink, socket.remoteAddress);
      socket.data.stream = stream;
      accept(stream, `${socket.remoteAddress} (WebSocket)`);
    },
    message(socket: ServerSocket, frame: string | Buffer) {
      // [MQTT-6.0.0-1] a text frame closes the connection.
      if (typeof frame === "string") socket.close(1003, "MQTT needs binary frames");
      else socket.data.stream?.receive(frame);
    },
    close(socket: ServerSocket) {
      socket.data.stream?.finish();
    },
  };
}

/** Upgrades a request for /mqtt; true when it is a WebSocket from now on. */
export function upgradeToMqtt(request: Request, server: Bun.Server<WebSocketData>): boolean {
  const offered = request.headers.get("sec-websocket-protocol")?.split(/\s*,\s*/) ?? [];
  // [MQTT-6.0.0-3] the sub-protocol is "mqtt"; MQTT 3.1 clients say "mqttv3.1".
  const chosen = offered.find((name) => name === "mqtt" || name.startsWith("mqttv3"));
  const headers: Record<string, string> = chosen ? { "Sec-WebSocket-Protocol": chosen } : {};
  return server.upgrade(request, { data: {}, headers });
}

export async function listenWebSocket(
  host: string,
  port: number,
  accept: Accept,
  packetBytesMax: number,
): Promise<Listener> {
  try {
    const server = Bun.serve<WebSocketData>({
      hostname: host,
      port,
      fetch(request, self) {
        const { pathname } = new URL(request.url);
        if (isFromForeignPage(request, isLoopback(host))) {
          return new Response("a page of another site may not connect\n", { status: 403 });
        }
        if (pathname === WEB_SOCKET_PATH && upgradeToMqtt(request, self)) return undefined;
        return new Response(`MQTT over WebSocket is at ${WEB_SOCKET_PATH}\n`, { status: 404 });
      },
      websocket: createWebSocketHandlers(accept, packetBytesMax),
    });
    return { port: server.port ?? port, [Symbol.asyncDispose]: async () => void server.stop() };
  } catch (cause) {
    const remedy =
      "do without it: --ws-port off; or choose another port: --ws-port 0 takes a free one";
    throw toListenError(cause, { what: "MQTT over WebSocket", host, port, remedy });
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  const remedy =
    `use the broker that is there: --broker mqtt://${host}:${port}; ` +
    "or choose another port: --mqtt-port 0 takes a free one";
  const facts = { what: "the MQTT broker", host, port, remedy };
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(toListenError(cause, facts)));
    server.listen(port, host, () => resolve());
  });
}

function toAddress(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}
