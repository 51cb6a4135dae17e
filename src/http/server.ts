// The HTTP side: one server for all routes, and the door for MQTT over WebSocket beside them.

import { Elysia } from "elysia";
import { upgradeToMqtt, WEB_SOCKET_PATH, type WebSocketData } from "../broker/listeners.ts";
import { toReason, toViadutoError, ViadutoError } from "../lib/errors.ts";
import { toListenError } from "../lib/listen-error.ts";
import type { Logger } from "../lib/log.ts";
import type { LinkState } from "../link/state.ts";
import type { LastValues } from "../store/last-values.ts";
import { boundBody } from "./bounded-body.ts";
import { healthRoute } from "./health-route.ts";
import { toProblemResponse } from "./problem.ts";
import { type PublishMessage, publishRoute } from "./publish-route.ts";
import { topicsRoute } from "./topics-route.ts";

type ServerOptions = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Largest payload that may be published, in bytes. */
  readonly payloadBytesMax: number;
  readonly publish: PublishMessage;
  readonly values: LastValues;
  readonly getState: () => LinkState;
  /** Serves MQTT over WebSocket at /mqtt, when the broker is ours. */
  readonly webSocket: Bun.WebSocketHandler<WebSocketData> | undefined;
  readonly log: Logger;
};

export type HttpServer = AsyncDisposable & { readonly port: number };

/** base64 and JSON escapes make a payload larger, six times at most (`\u0000`). */
const BODY_BYTES_PER_PAYLOAD_BYTE = 6;
/** Room in a body for what stands beside the payload. */
const BODY_EXTRA_BYTES = 65_536;
const HEADERS = { "X-Content-Type-Options": "nosniff" } as const;

/** An HTTP server that listens. Throws `port_taken`, `address_unavailable`. */
export function openServer(options: ServerOptions): HttpServer {
  const routes = createRoutes(options);
  const { host, port, webSocket, payloadBytesMax } = options;
  const bodyBytesMax = payloadBytesMax * BODY_BYTES_PER_PAYLOAD_BYTE + BODY_EXTRA_BYTES;
  try {
    const server = Bun.serve<WebSocketData>({
      hostname: host,
      port,
      // Bun's own answer to a larger body has no words; boundBody's has.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      async fetch(request, self) {
        // Open to pages of every origin, as Mosquitto is: workshops use MQTT clients in browsers.
        // There is no login yet that a page could misuse: it may do what anyone may who reaches
        // the port, which on loopback is its visitor. Access control brings a check of Origin.
        if (webSocket && isMqtt(request) && upgradeToMqtt(request, self)) return undefined;
        if (isForeign(request)) return toProblemResponse(new ViadutoError("origin_refused"));
        try {
          return await routes.handle(await boundBody(request, bodyBytesMax));
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

// All routes, without a server; errors become problem+json here.
function createRoutes({ publish, values, getState, payloadBytesMax, log }: ServerOptions) {
  const publishBounded: PublishMessage = (message, token) => {
    const bytes = message.payload.length;
    if (bytes <= payloadBytesMax) return publish(message, token);
    throw new ViadutoError("payload_too_large", { bytes, bytesMax: payloadBytesMax });
  };
  // normalize would drop unknown fields: a misspelt one is told instead.
  return new Elysia({ normalize: false })
    .onError(({ error, code, request }) => {
      const problem = toHttpError(error, String(code), request);
      if (problem.httpStatus >= 500 && problem.httpStatus !== 503) log.problem("error", problem);
      return toProblemResponse(problem);
    })
    .headers(HEADERS)
    .use(healthRoute(getState))
    .use(publishRoute(publishBounded))
    .use(topicsRoute(publishBounded, values));
}

type ValidationIssue = { path?: string; message?: string; summary?: string };

// Elysia's own errors in the catalogue's words.
function toHttpError(error: unknown, code: string, request: Request): ViadutoError {
  if (code === "NOT_FOUND") {
    const path = new URL(request.url).pathname;
    return new ViadutoError("route_unknown", { method: request.method, path });
  }
  if (code === "PARSE") return new ViadutoError("body_invalid", { reason: "it is not JSON" });
  if (code === "VALIDATION") {
    const [issue] = (error as { all?: ValidationIssue[] }).all ?? [];
    const path = issue?.path ?? "";
    const words = issue?.summary ?? issue?.message ?? toReason(error);
    const reason = path === "" ? words : `${path}: ${words}`;
    return new ViadutoError("body_invalid", { path, reason }, { cause: error });
  }
  return toViadutoError(error);
}

function isMqtt(request: Request): boolean {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return false;
  return new URL(request.url).pathname === WEB_SOCKET_PATH;
}

// A page of another site may send a POST here from its visitor's browser, who is on loopback: the
// browser names that page in Origin, and it is refused.
function isForeign(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || request.method === "GET" || request.method === "HEAD") return false;
  return URL.parse(origin)?.host !== request.headers.get("host");
}
