// The HTTP side: one server for all routes, and the door for MQTT over WebSocket beside them.

import { Elysia } from "elysia";
import { upgradeToMqtt, WEB_SOCKET_PATH, type WebSocketData } from "../broker/listeners.ts";
import { isLoopback } from "../config/loopback.ts";
import { toReason, toViadutoError, ViadutoError } from "../lib/errors.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
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

// All routes, without a server; errors become problem+json here.
function createRoutes({ publish, values, getState, log }: ServerOptions) {
  // normalize would drop unknown fields: a misspelt one is told instead.
  return new Elysia({ normalize: false })
    .onError(({ error, code, request }) => {
      const problem = toHttpError(error, String(code), request);
      if (problem.httpStatus >= 500 && problem.httpStatus !== 503) log.problem("error", problem);
      return toProblemResponse(problem);
    })
    .headers(HEADERS)
    .use(healthRoute(getState))
    .use(publishRoute(publish))
    .use(topicsRoute(publish, values));
}

type ValidationIssue = {
  readonly path?: string;
  readonly message?: string;
  readonly summary?: string;
  readonly value?: unknown;
  readonly schema?: { readonly anyOf?: readonly { readonly const?: unknown }[] };
};

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
    const words = (issue && describeIssue(issue)) ?? toReason(error);
    const reason = path === "" ? words : `${path}: ${words}`;
    return new ViadutoError("body_invalid", { path, reason }, { cause: error });
  }
  return toViadutoError(error);
}

function describeIssue({ schema, value, summary, message }: ValidationIssue): string | undefined {
  const allowed = schema?.anyOf?.map((one) => JSON.stringify(one.const) ?? "other");
  if (!allowed) return summary ?? message;
  return `expected ${allowed.join(" or ")}, found ${JSON.stringify(value) ?? "nothing"}`;
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
