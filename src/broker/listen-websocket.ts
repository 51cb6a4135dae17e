// MQTT over WebSocket at /mqtt (MQTT 5 section 6), by Bun's server. Opened by listeners.ts; HTTP's
// own server (http/server.ts) has the same door.

import { isLoopback } from "../config/loopback.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
import { toListenError } from "../lib/listen-error.ts";
import { WebSocketStream } from "../lib/web-socket-stream.ts";
import { type Accept, type Listener, toHost } from "./peer.ts";

/** The path of MQTT over WebSocket, as everywhere in the field. */
export const WEB_SOCKET_PATH = "/mqtt";
/** What who comes by another path, or without an upgrade, is told. */
export const WEB_SOCKET_WORDS = `MQTT over WebSocket is at ${WEB_SOCKET_PATH}\n`;
export const FOREIGN_PAGE_WORDS = "a page of another site may not connect\n";
/** [MQTT-6.0.0-1] a text frame closes the connection. */
export const TEXT_FRAME = { code: 1003, words: "MQTT needs binary frames" } as const;

/** Room in a frame beside the largest packet: some clients join what waits, mqtt.js for one. */
const FRAME_EXTRA_BYTES = 1 << 20;
/** The log's words for a frame that is too large; its client is told 1009 (RFC 6455, 7.4.1). */
export const FRAME_TOO_LARGE = "WebSocket frame too large";
/** What Bun gives as the reason of a close when it has met such a frame. */
const BUNS_WORDS = "Received too big message";

/** Data of one WebSocket connection: the stream that stands for it. */
export type WebSocketData = { stream?: WebSocketStream };
type ServerSocket = Bun.ServerWebSocket<WebSocketData>;

/**
 * The largest frame, which waits in memory until it is whole, also that of somebody who has not
 * logged in. Bun has one limit for all sockets and all times (1.4.5; make it less before CONNACK
 * when it can).
 */
export function toFrameBytesMax(packetBytesMax: number): number {
  return packetBytesMax + FRAME_EXTRA_BYTES;
}

/** Bun's WebSocket handlers that turn each connection into a stream and hand it to `accept`. */
export function createWebSocketHandlers(
  accept: Accept,
  packetBytesMax: number,
): Bun.WebSocketHandler<WebSocketData> {
  return {
    maxPayloadLength: toFrameBytesMax(packetBytesMax),
    open(socket: ServerSocket) {
      const sink = {
        send: (bytes: Buffer) => void socket.send(bytes),
        close() {
          socket.resume(); // Else the peer's answer to the close is never read.
          socket.close();
        },
        waitingBytes: () => socket.getBufferedAmount(),
        resume: () => void socket.resume(),
      };
      const host = toHost(socket.remoteAddress);
      const stream = new WebSocketStream(sink, host);
      socket.data.stream = stream;
      accept(stream, { address: `${host} (WebSocket)`, host, door: "websocket" });
    },
    message(socket: ServerSocket, frame: string | Buffer) {
      if (typeof frame === "string") socket.close(TEXT_FRAME.code, TEXT_FRAME.words);
      else if (socket.data.stream?.receive(frame) === false) {
        // Who is not read, because its login takes time or it is too fast, is held back by TCP, as
        // at the other doors: nothing else bounds what waits here.
        socket.pause();
      }
    },
    close(socket: ServerSocket, _code: number, reason: string) {
      const { stream } = socket.data;
      if (reason === BUNS_WORDS) stream?.destroy(new Error(FRAME_TOO_LARGE));
      else stream?.finish();
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
          return new Response(FOREIGN_PAGE_WORDS, { status: 403 });
        }
        if (pathname === WEB_SOCKET_PATH && upgradeToMqtt(request, self)) return undefined;
        return new Response(WEB_SOCKET_WORDS, { status: 404 });
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
