// GET /health: the process is alive. GET /ready: it can do its work: the link is connected, all its
// subscriptions are granted, the embedded broker's file takes what it is given, every handler is
// loaded. GET /: what else there is; a browser is shown the explorer there.

import { type Static, Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { SCOPES, type Scope } from "../access/token-rights.ts";
import { ViadutoError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { type LinkState, VERSION_NAMES } from "../link/state.ts";
import { callerOf } from "./caller.ts";
import { type ExplorerPage, showExplorer } from "./explorer-route.ts";
import { FAILURE, toFailureJson } from "./handlers-route.ts";
import { problems } from "./route-schemas.ts";
import type { RouteParts } from "./routes.ts";

const ROUTES = {
  "POST /publish": "publish a message: { topic, payload, payload_encoding?, qos?, retain? }",
  "POST /publish/bulk": "publish several: a list of them; both below /api/v5 as well",
  "PUT /topics/<topic>": "publish the raw body; ?qos=&retain=; POST as well",
  "POST /rpc/<topic>": "ask, and get the reply; ?timeout=&qos=&reply_topic=",
  "GET /rpc/results/<id>": "the answer of a call with Prefer: respond-async",
  "GET /topics/<topic>": "the last value seen; ?wait=30s waits for the next",
  "GET /topics/<filter>": "with Accept: text/event-stream, what comes as it comes",
  "GET /stream": "the same for several filters: ?filter=&filter=; also a WebSocket",
  "GET /topics": "the topics that are known; ?filter=&limit=&after=",
  "GET /history": "recorded messages; ?filter=&since=&until=&limit=&order=&after=&format=",
  "GET /retained": "retained messages; ?filter=&limit=&after=&payload_bytes=&format=",
  "DELETE /retained": "delete them; ?filter=&dry_run=&limit=",
  "POST /retained": "put them back; ?overwrite=",
  "GET /handlers": "what is loaded, and how it fares",
  "GET /flows": "what became of the last messages; ?filter=&after=&limit=&wait=10s",
  "GET /flows/<id>": "one of them",
  "GET /dead-letters": "messages that could not be handled",
  "GET /dead-letters/<id>": "one of them, whole; DELETE to forget it",
  "DELETE /dead-letters": "forget them all; ?handler=&before=",
  "POST /dead-letters/<id>/redrive": "run the handler again",
  "POST /dead-letters/redrive": "run the handlers of all again; ?handler=",
  "GET /broker": "its figures and limits, or how the bridge stands with it",
  "GET /clients": "who is connected, when the broker is embedded; ?limit=",
  "GET /clients/<id>": "one of them; DELETE to disconnect it",
  "GET /openapi.json": "these routes, for machines",
  "GET /asyncapi.json": "the topics of the handlers, for machines; /asyncapi.yaml as well",
  "GET /docs": "both, for people",
  "GET /health": "is the process alive",
  "GET /ready": "is it connected to the broker",
  "GET /metrics": "what is counted, as Prometheus reads it",
  "/mqtt": "MQTT over WebSocket, when the broker is embedded",
} as const;

type HealthParts = Pick<
  RouteParts,
  "getState" | "getHandlers" | "getStoreProblem" | "getReach" | "clients"
> & { readonly page: ExplorerPage };

/** How somebody at another machine comes in; no secrets. */
export type Reach = Static<typeof REACH>;
const REACH = Type.Object({
  addresses: Type.Array(Type.String(), {
    description: "of this machine for others, the likeliest first; none when only it is let in",
  }),
  mqtt_port: Type.Optional(Type.Integer({ description: "of the embedded broker" })),
  token_asked: Type.Boolean({ description: "whether HTTP asks for a token" }),
});
const SCOPE_NAMES = { read: "read", publish: "publish", admin: "admin" } as const satisfies Record<
  Scope,
  Scope
>;
const HOME = {
  detail: {
    operationId: "listRoutes",
    summary: "What there is",
    description:
      "The name and version of this program, and its routes with a word on each. Who asks for " +
      "text/html, as a browser does, is shown the explorer.",
    tags: ["operations"],
  },
  response: {
    200: Type.Object({
      name: Type.String(),
      version: Type.String(),
      broker: Type.Union([Type.Literal("embedded"), Type.Literal("external")]),
      scopes: Type.Array(Type.Enum(SCOPE_NAMES), {
        description: "what whoever asks may do",
      }),
      reach: REACH,
      routes: Type.Record(Type.String(), Type.String()),
    }),
  },
};
const HEALTH = {
  detail: {
    operationId: "getHealth",
    summary: "Whether the process is alive",
    description: "For who supervises it: no token is asked for. It says nothing of the broker.",
    tags: ["operations"],
  },
  response: {
    200: Type.Object({
      status: Type.Literal("ok"),
      version: Type.String(),
      uptime_seconds: Type.Integer(),
    }),
  },
};
const READY = {
  detail: {
    operationId: "getReadiness",
    summary: "Whether it can do its work",
    description:
      "Connected to the broker, all its subscriptions granted, every handler loaded. No token is " +
      "asked for.",
    tags: ["operations"],
  },
  response: {
    200: Type.Object({
      status: Type.Literal("ready"),
      broker: Type.String({ description: "which one it is connected to" }),
      mqtt_version: Type.String({ description: "5 or 3.1.1" }),
      failures: Type.Optional(
        Type.Array(FAILURE, { description: "files of which an old version still runs" }),
      ),
    }),
    ...problems("not_ready", "handlers_not_loaded"),
  },
};

/** GET /, /health and /ready; the last is 503 with `not_ready` until the link is connected. */
export function healthRoute(parts: HealthParts) {
  const startedAtMs = Date.now();
  return new Elysia()
    .get(
      "/",
      ({ request }) => {
        const caller = callerOf(request);
        caller.check("read");
        const broker = parts.clients ? ("embedded" as const) : ("external" as const);
        const scopes = SCOPES.filter((scope) => caller.may(scope));
        const reach = parts.getReach();
        return { name: "viaduto", version: VERSION, broker, scopes, reach, routes: ROUTES };
      },
      {
        ...HOME,
        // To Elysia an answer before the handler is one of its schema; this is a page.
        beforeHandle: ({ request }) => showExplorer(request, parts.page) as Promise<undefined>,
      },
    )
    .get(
      "/health",
      () => {
        const uptime_seconds = Math.floor((Date.now() - startedAtMs) / 1000);
        return { status: "ok" as const, version: VERSION, uptime_seconds };
      },
      HEALTH,
    )
    .get("/ready", () => readReadiness(parts), READY);
}

function readReadiness({ getState, getHandlers, getStoreProblem }: HealthParts) {
  const state = getState();
  const { failures } = getHandlers();
  if (state.kind !== "connected") {
    throw new ViadutoError("not_ready", { reason: describe(state) });
  }
  const { broker, version, refusedFilters } = state;
  if (refusedFilters.length > 0) {
    const reason = `the broker refused ${refusedFilters.join(", ")}`;
    throw new ViadutoError("not_ready", { reason });
  }
  const problem = getStoreProblem();
  if (problem !== undefined) {
    // Acknowledgements of QoS 1 and 2 wait meanwhile: nobody should send this way.
    const reason = `the broker's file takes nothing: ${problem}`;
    throw new ViadutoError("not_ready", { reason });
  }
  const missing = failures.filter(({ isOldVersionKept }) => !isOldVersionKept);
  if (missing.length > 0) {
    const reasons = missing.map(({ error }) => error.message).join("; ");
    throw new ViadutoError("handlers_not_loaded", { reasons });
  }
  return {
    status: "ready" as const,
    broker,
    mqtt_version: VERSION_NAMES[version],
    ...(failures.length > 0 && { failures: failures.map(toFailureJson) }),
  };
}

function describe(state: Exclude<LinkState, { kind: "connected" }>): string {
  switch (state.kind) {
    case "connecting":
      return `connecting to ${state.broker}`;
    case "waiting":
      return state.error.message;
    case "closed":
      return "stopping";
    default:
      return state satisfies never;
  }
}
