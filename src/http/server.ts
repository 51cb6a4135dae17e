// The HTTP server: the routes, and the door for MQTT over WebSocket beside them.

import { upgradeToMqtt, WEB_SOCKET_PATH, type WebSocketData } from "../broker/listen-websocket.ts";
import { isLoopback } from "../config/loopback.ts";
import { ViadutoError } from "../lib/errors.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
import { toListenError } from "../lib/listen-error.ts";
import { nameAddress } from "./client-address.ts";
import { handleGuarded } from "./guard.ts";
import { toProblemResponse } from "./problem.ts";
import type { Routes } from "./routes.ts";
import { STREAM_PATH, type StreamSocketData, type StreamSockets } from "./stream-socket.ts";
import { createTokenCheck } from "./token-check.ts";
import { joinSocketHandlers, type SocketData } from "./web-sockets.ts";

type ServerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Largest payload that may be published, in bytes. */
  readonly payloadBytesMax: number;
  /** What HTTP asks for, but at /health, /ready and /mqtt, which has a login of its own. */
  readonly token?: string | undefined;
  readonly routes: Pick<Routes, "handle">;
  /** The WebSocket at /stream; none when absent. */
  readonly streamSockets?: StreamSockets;
  /** How long a request may stand still on its way in; 10 when absent, 255 at most. */
  readonly idleTimeoutSeconds?: number;
  /** Serves MQTT over WebSocket at /mqtt, when the broker is ours. */
  readonly webSocket: Bun.WebSocketHandler<WebSocketData> | undefined;
};

export type HttpServer = AsyncDisposable & { readonly port: number };

/** Of a request that becomes a WebSocket. */
const NO_ANSWER = new Response();
/** Bun's own default. */
const IDLE_TIMEOUT_SECONDS = 10;

/** An HTTP server that listens. Throws `port_taken`, `address_unavailable`. */
export function openServer(options: ServerOptions): HttpServer {
  const { host, port, routes, webSocket, streamSockets, payloadBytesMax } = options;
  const guard = {
    listensOnLoopback: isLoopback(host),
    payloadBytesMax,
    checkToken: options.token === undefined ? undefined : createTokenCheck(options.token),
  };
  try {
    const server = Bun.serve<SocketData>({
      hostname: host,
      port,
      // Bun's own answer to a larger body has no words; the guard's has.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      idleTimeout: options.idleTimeoutSeconds ?? IDLE_TIMEOUT_SECONDS,
      async fetch(request, self) {
        const isWelcome =
          isSocket(request, WEB_SOCKET_PATH) &&
          !isFromForeignPage(request, guard.listensOnLoopback);
        if (webSocket && isWelcome && upgradeToMqtt(request, self)) return undefined;
        let socket: StreamSocketData | undefined;
        const answer = await handleGuarded(request, guard, async (whole) => {
          // Each route has a deadline of its own, and a redrive may take longer than Bun's. Not
          // before the body is there: one that never comes would keep its connection for ever.
          self.timeout(request, 0);
          const routable = toRoutable(whole);
          nameAddress(routable, self.requestIP(request)?.address ?? "");
          if (!streamSockets || !isSocket(request, STREAM_PATH)) return routes.handle(routable);
          socket = await streamSockets.open(routable);
          return NO_ANSWER;
        });
        if (!socket) return answer;
        if (self.upgrade(request, { data: socket })) return undefined;
        socket.stream[Symbol.dispose]();
        return toProblemResponse(new ViadutoError("upgrade_invalid"));
      },
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

function isSocket(request: Request, path: string): boolean {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return false;
  return new URL(request.url).pathname === path;
}

// Elysia 1.4 looks for the path from the twelfth character of the URL on, and finds none behind a
// host such as "pi". Remove when it reads the URL.
function toRoutable(request: Request): Request {
  const { host, pathname, search } = new URL(request.url);
  if (host.length > 3) return request;
  return new Request(`http://localhost${pathname}${search}`, request);
}
