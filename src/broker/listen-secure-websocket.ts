// MQTT over WebSocket over TLS, at /mqtt. Opened by listeners.ts. Not by Bun's server, as its plain
// sister is: of a client certificate that one tells nothing, and its certificate cannot be replaced
// (Bun 1.4.5; remove when it does both). The protocol of WebSocket is websocket-driver's.

import type { TLSSocket } from "node:tls";
import driverLibrary, { type ServerDriver } from "websocket-driver";
import { isLoopback } from "../config/loopback.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
import { WebSocketStream } from "../lib/web-socket-stream.ts";
import {
  FOREIGN_PAGE_WORDS,
  FRAME_TOO_LARGE,
  TEXT_FRAME,
  toFrameBytesMax,
  WEB_SOCKET_PATH,
  WEB_SOCKET_WORDS,
} from "./listen-websocket.ts";
import { type Accept, type Peer, toHost } from "./peer.ts";
import { openTlsServer, type SecureListener, type SecureOptions } from "./tls-server.ts";

type SecureWebSocketOptions = SecureOptions & { readonly packetBytesMax: number };

/** [MQTT-6.0.0-3] the sub-protocol is "mqtt"; MQTT 3.1 clients say "mqttv3.1". */
const PROTOCOLS = ["mqtt", "mqttv3.1", "mqttv3.1.1"];

/** What may wait for the end of a frame of one whose CONNECT is not answered: 128 KiB is enough. */
const FIRST_BYTES_MAX = 256 * 1024;
/** RFC 6455, section 7.4.1. */
const TOO_LARGE = 1009;

/** Bytes of a frame that is not whole yet, which wait in memory; only counted until an answer. */
type FirstBytes = { waitingBytes: number; isAnswered: boolean };

/** How long a peer may take to close its side of what we have closed. */
const LINGER_MS = 2_000;

/** Throws `port_taken`, `address_unavailable`. */
export function listenSecureWebSocket(
  options: SecureWebSocketOptions,
  accept: Accept,
): Promise<SecureListener> {
  return openTlsServer(options, {
    what: "MQTT over WebSocket over TLS",
    remedy: "do without it: --wss-port off; or choose another port: --wss-port 0 takes a free one",
    onSocket: (socket, peer) => serveWebSocket(socket, peer, options, accept),
    toPeer(socket) {
      const host = toHost(socket.remoteAddress);
      return { address: `${host} (WebSocket, TLS)`, host, door: "wss" };
    },
  });
}

function serveWebSocket(
  socket: TLSSocket,
  peer: Peer,
  { host, connectTimeoutMs, packetBytesMax }: SecureWebSocketOptions,
  accept: Accept,
): void {
  const maxLength = toFrameBytesMax(packetBytesMax);
  const driver = driverLibrary.server({ maxLength, protocols: PROTOCOLS });
  const deadline = setTimeout(() => socket.destroy(), connectTimeoutMs);
  socket.once("close", () => clearTimeout(deadline));
  socket.on("error", () => {}); // Its close follows, and says all that there is to do.
  driver.io.on("data", (bytes) => void socket.write(bytes));
  const first: FirstBytes = { waitingBytes: 0, isAnswered: false };
  let stream: WebSocketStream | undefined;
  driver.on("connect", () => {
    clearTimeout(deadline);
    const refusal = findRefusal(driver, isLoopback(host));
    if (refusal) return endSoon(socket, toHttpAnswer(refusal));
    stream = openStream(driver, socket, peer.host, first);
    driver.start();
    accept(stream, peer);
  });
  const take = (bytes: Buffer) => {
    first.waitingBytes += bytes.length;
    try {
      driver.parse(bytes);
    } catch {
      socket.destroy(); // What the library stumbles over is not HTTP, and no WebSocket.
    }
    if (first.isAnswered || first.waitingBytes <= FIRST_BYTES_MAX) return;
    socket.off("data", take).resume(); // What still comes is not kept.
    if (stream) closeTooLarge(driver, stream);
    else socket.destroy();
  };
  socket.on("data", take); // No encoding was set, so it is no text.
}

/** The driver does the same for a frame beyond its own limit. */
function closeTooLarge(driver: ServerDriver, stream: WebSocketStream): void {
  driver.close(FRAME_TOO_LARGE, TOO_LARGE);
  stream.destroy(new Error(FRAME_TOO_LARGE));
}

/** The WebSocket as a stream; both end together. */
function openStream(
  driver: ServerDriver,
  socket: TLSSocket,
  host: string,
  first: FirstBytes,
): WebSocketStream {
  const close = () => {
    driver.close();
    endSoon(socket);
  };
  const stream = new WebSocketStream(
    {
      send(bytes) {
        first.isAnswered = true; // From here on the driver's limit alone counts.
        driver.binary(bytes);
      },
      close,
      waitingBytes: () => socket.writableLength,
      resume: () => void socket.resume(),
    },
    host,
  );
  driver.on("message", ({ data }) => {
    first.waitingBytes = 0;
    if (typeof data === "string") {
      driver.close(TEXT_FRAME.words, TEXT_FRAME.code);
      endSoon(socket);
    } else if (!stream.receive(data)) {
      socket.pause();
    }
  });
  driver.on("error", ({ message }) => {
    if (message.includes("too large")) stream.destroy(new Error(FRAME_TOO_LARGE));
  });
  driver.on("close", () => endSoon(socket));
  socket.once("close", () => stream.finish());
  return stream;
}

/** Ends it after what was written, even if its peer neither reads nor closes. */
function endSoon(socket: TLSSocket, lastWords = ""): void {
  if (socket.destroyed || socket.writableEnded) return;
  socket.end(lastWords);
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(linger));
}

type Refusal = { readonly status: string; readonly words: string };

function findRefusal(driver: ServerDriver, listensOnLoopback: boolean): Refusal | undefined {
  const headers = new Headers();
  if (driver.headers.origin !== undefined) headers.set("origin", driver.headers.origin);
  if (driver.headers.host !== undefined) headers.set("host", driver.headers.host);
  if (isFromForeignPage({ headers }, listensOnLoopback)) {
    return { status: "403 Forbidden", words: FOREIGN_PAGE_WORDS };
  }
  const [path] = (driver.url ?? "").split("?");
  if (path === WEB_SOCKET_PATH && driverLibrary.isWebSocket(driver)) return undefined;
  return { status: "404 Not Found", words: WEB_SOCKET_WORDS };
}

function toHttpAnswer({ status, words }: Refusal): string {
  const headers = [
    `HTTP/1.1 ${status}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(words)}`,
    "Connection: close",
  ];
  return `${headers.join("\r\n")}\r\n\r\n${words}`;
}
