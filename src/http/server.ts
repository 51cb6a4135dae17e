// The HTTP server: the routes, and the door for MQTT over WebSocket beside them.

import { upgradeToMqtt, WEB_SOCKET_PATH, type WebSocketData } from "../broker/listen-websocket.ts";
import { isLoopback } from "../config/loopback.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
import { toListenError } from "../lib/listen-error.ts";
import { handleGuarded } from "./guard.ts";
import type { Routes } from "./routes.ts";
import { createTokenCheck } from "./token-check.ts";

type ServerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Largest payload that may be published, in bytes. */
  readonly payloadBytesMax: number;
  /** What HTTP asks for, but at /health, /ready and /mqtt, which has a login of its own. */
  readonly token?: string | undefined;
  readonly routes: Pick<Routes, "handle">;
  /** How long a request may stand still on its way in; 10 when absent, 255 at most. */
  readonly idleTimeoutSeconds?: number;
  /** Serves MQTT over WebSocket at /mqtt, when the broker is ours. */
  readonly webSocket: Bun.WebSocketHandler<WebSocketData> | undefined;
};

export type HttpServer = AsyncDisposable & { readonly port: number };

/** Where the path begins behind the longest host that Elysia does not see: `http://abc`. */
const SHORT_HOST_END = 10;
/** Bun's own default. */
const IDLE_TIMEOUT_SECONDS = 10;

/** An HTTP server that listens. Throws `port_taken`, `address_unavailable`. */
export function openServer(options: ServerOptions): HttpServer {
  const { host, port, routes, webSocket, payloadBytesMax } = options;
  const guard = {
    listensOnLoopback: isLoopback(host),
    payloadBytesMax,
    checkToken: options.token === undefined ? undefined : createTokenCheck(options.token),
  };
  try {
    const server = Bun.serve<WebSocketData>({
      hostname: host,
      port,
      // Bun's own answer to a larger body has no words; the guard's has.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      idleTimeout: options.idleTimeoutSeconds ?? IDLE_TIMEOUT_SECONDS,
      async fetch(request, self) {
        const isWelcome = isMqtt(request) && !isFromForeignPage(request, guard.listensOnLoopback);
        if (webSocket && isWelcome && upgradeToMqtt(request, self)) return undefined;
        return handleGuarded(toRoutable(request), guard, async (whole) => {
          // Each route has a deadline of its own, and a redrive may take longer than Bun's. Not
          // before the body is there: one that never comes would keep its connection for ever.
          self.timeout(request, 0);
          return routes.handle(whole);
        });
      },
      websocket: webSocket ?? { message() {} },
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

function isMqtt(request: Request): boolean {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return false;
  return new URL(request.url).pathname === WEB_SOCKET_PATH;
}

// Elysia 1.4 looks for the path from the twelfth character of the URL on, and finds none behind a
// host such as "pi". Remove when it reads the URL.
function toRoutable(request: Request): Request {
  // Not `new URL`, which takes longer than all of this.
  if (request.url.indexOf("/", "https://".length) > SHORT_HOST_END) return request;
  const { pathname, search } = new URL(request.url);
  return new Request(`http://localhost${pathname}${search}`, request);
}
