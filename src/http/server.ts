// The HTTP server: the routes, and the door for MQTT over WebSocket beside them.

import { upgradeToMqtt, WEB_SOCKET_PATH, type WebSocketData } from "../broker/listen-websocket.ts";
import { toHost } from "../broker/peer.ts";
import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import { toListenError } from "../lib/listen-error.ts";
import type { Meter } from "./exchange.ts";
import type { Guard } from "./guard.ts";
import { toProblemResponse } from "./problem.ts";
import type { Routes } from "./routes.ts";
import { STREAM_PATH, type StreamSocketData, type StreamSockets } from "./stream-socket.ts";
import { joinSocketHandlers, type SocketData } from "./web-sockets.ts";

type ServerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Stands before the routes. */
  readonly guard: Guard;
  readonly routes: Pick<Routes, "handle">;
  /** Counts and traces each request. */
  readonly meter?: Meter;
  /** The WebSocket at /stream; none when absent. */
  readonly streamSockets?: StreamSockets;
  /** How long a request may stand still on its way in; 10 when absent, 255 at most. */
  readonly idleTimeoutSeconds?: number;
  /** Serves MQTT over WebSocket at /mqtt, when the broker is ours. */
  readonly webSocket: Bun.WebSocketHandler<WebSocketData> | undefined;
};

export type HttpServer = AsyncDisposable & { readonly port: number };

/** Bun's own default. */
const IDLE_TIMEOUT_SECONDS = 10;

const NO_METER: Meter = (_request, answer) => answer((request) => request);

/** An HTTP server that listens. Throws `port_taken`, `address_unavailable`. */
export function openServer(options: ServerOptions): HttpServer {
  const { host, port, webSocket, streamSockets } = options;
  try {
    const server = Bun.serve<SocketData>({
      hostname: host,
      port,
      // Bun's own answer to a larger body has no words; the guard's has.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      // Else Bun's page of an error, which shows our source; the guard answers nearly all before.
      // Not by `development: false`: Bun 1.4 then shares a port that is taken.
      error: (error) => toProblemResponse(toViadutoError(error)),
      idleTimeout: options.idleTimeoutSeconds ?? IDLE_TIMEOUT_SECONDS,
      fetch: createFetch(options),
      websocket: joinSocketHandlers(webSocket, streamSockets),
    });
    return {
      port: server.port ?? port,
      // No new requests; those under way are answered. WebSockets end with the broker's clients.
      [Symbol.asyncDispose]: async () => void server.stop(),
    };
  } catch (cause) {
    const remedy = "stop what is there, or choose another port: --port 0 takes a free one";
    throw toListenError(cause, { what: "HTTP", host, port, remedy });
  }
}

type Fetch = (request: Request, server: Bun.Server<SocketData>) => Promise<Response | undefined>;

function createFetch(options: ServerOptions): Fetch {
  const { guard, routes, webSocket, streamSockets, meter = NO_METER } = options;
  const { idleTimeoutSeconds = IDLE_TIMEOUT_SECONDS } = options;
  return async (request, server) => {
    // Not the token: MQTT has a login of its own.
    const isMqtt = webSocket && isSocket(request, WEB_SOCKET_PATH) && guard.isWelcome(request);
    if (isMqtt && upgradeToMqtt(request, server)) return undefined;
    const address = toHost(server.requestIP(request)?.address);
    let socket: StreamSocketData | undefined;
    const answer = await meter(request, (enter) => {
      return guard.handle(request, address, async (whole) => {
        // Each route has a deadline of its own, and a redrive may take longer than Bun's. Not
        // before the body is there: one that never comes would keep its connection for ever.
        server.timeout(request, 0);
        if (!streamSockets || !isSocket(whole, STREAM_PATH)) return routes.handle(enter(whole));
        socket = await streamSockets.open(whole);
        return new Response(); // Nobody is sent it: the request becomes a WebSocket.
      });
    });
    if (!socket) {
      // Else the connection is kept for ever when it stands idle. What streams ends its own.
      const isLast = answer.headers.get("Connection") === "close";
      if (!isLast) server.timeout(request, idleTimeoutSeconds);
      return answer;
    }
    if (server.upgrade(request, { data: socket })) return undefined;
    socket.stream[Symbol.dispose]();
    return toProblemResponse(new ViadutoError("upgrade_invalid"));
  };
}

function isSocket(request: Request, path: string): boolean {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return false;
  return URL.parse(request.url)?.pathname === path;
}
