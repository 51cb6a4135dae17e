// The HTTP server: the routes, and the door for MQTT over WebSocket beside them.

import { upgradeToMqtt, WEB_SOCKET_PATH, type WebSocketData } from "../broker/listeners.ts";
import { isLoopback } from "../config/loopback.ts";
import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
import { toListenError } from "../lib/listen-error.ts";
import { boundBody } from "./bounded-body.ts";
import { toProblemResponse } from "./problem.ts";
import type { Routes } from "./routes.ts";

type ServerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Largest payload that may be published, in bytes. */
  readonly payloadBytesMax: number;
  readonly routes: Routes;
  /** Serves MQTT over WebSocket at /mqtt, when the broker is ours. */
  readonly webSocket: Bun.WebSocketHandler<WebSocketData> | undefined;
};

export type HttpServer = AsyncDisposable & { readonly port: number };

/** base64 and JSON escapes make a payload larger, six times at most (`\u0000`). */
const BODY_BYTES_PER_PAYLOAD_BYTE = 6;
/** Room in a body for what stands beside the payload. */
const BODY_EXTRA_BYTES = 65_536;

/** An HTTP server that listens. Throws `port_taken`, `address_unavailable`. */
export function openServer(options: ServerOptions): HttpServer {
  const { host, port, routes, webSocket, payloadBytesMax } = options;
  const bodyBytesMax = payloadBytesMax * BODY_BYTES_PER_PAYLOAD_BYTE + BODY_EXTRA_BYTES;
  try {
    const server = Bun.serve<WebSocketData>({
      hostname: host,
      port,
      // Bun's own answer to a larger body has no words; boundBody's has.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      async fetch(request, self) {
        // Each route has a deadline of its own; a redrive may take longer than Bun's 10 s.
        self.timeout(request, 0);
        const wantsMqtt = webSocket !== undefined && isMqtt(request);
        const isHarmless = isReading(request) && !wantsMqtt;
        if (!isHarmless && isFromForeignPage(request, isLoopback(host))) {
          return toProblemResponse(new ViadutoError("origin_refused"));
        }
        if (wantsMqtt && upgradeToMqtt(request, self)) return undefined;
        try {
          return await routes.handle(await boundBody(toRoutable(request), bodyBytesMax));
        } catch (error) {
          return toProblemResponse(toViadutoError(error));
        }
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

function isReading({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

// Elysia 1.4 looks for the path from the twelfth character of the URL on, and finds none behind a
// host such as "pi". Remove when it reads the URL.
function toRoutable(request: Request): Request {
  const { host, pathname, search } = new URL(request.url);
  if (host.length > 3) return request;
  return new Request(`http://localhost${pathname}${search}`, request);
}
