// GET /health: the process is alive. GET /ready: it can do its work: the link is connected, all its
// subscriptions are granted, the embedded broker's file takes what it is given, every handler is
// loaded. GET /: what else there is.

import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { type LinkState, VERSION_NAMES } from "../link/state.ts";
import { callerOf } from "./caller.ts";
import { toFailureJson } from "./handlers-route.ts";
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
  "GET /handlers": "what is loaded, and how it fares",
  "GET /dead-letters": "messages that could not be handled",
  "GET /dead-letters/<id>": "one of them, whole; DELETE to forget it",
  "DELETE /dead-letters": "forget them all; ?handler=&before=",
  "POST /dead-letters/<id>/redrive": "run the handler again",
  "POST /dead-letters/redrive": "run the handlers of all again; ?handler=",
  "GET /clients": "who is connected, when the broker is embedded; ?limit=",
  "GET /clients/<id>": "one of them; DELETE to disconnect it",
  "GET /health": "is the process alive",
  "GET /ready": "is it connected to the broker",
  "GET /metrics": "what is counted, as Prometheus reads it",
  "/mqtt": "MQTT over WebSocket, when the broker is embedded",
} as const;

type HealthParts = Pick<RouteParts, "getState" | "getHandlers" | "getStoreProblem">;

/** GET /, /health and /ready; the last is 503 with `not_ready` until the link is connected. */
export function healthRoute({ getState, getHandlers, getStoreProblem }: HealthParts) {
  const startedAtMs = Date.now();
  return new Elysia()
    .get("/", ({ request }) => {
      callerOf(request).check("read");
      return { name: "viaduto", version: VERSION, routes: ROUTES };
    })
    .get("/health", () => {
      const uptime_seconds = Math.floor((Date.now() - startedAtMs) / 1000);
      return { status: "ok", version: VERSION, uptime_seconds };
    })
    .get("/ready", () => {
      const state = getState();
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
      const failures = getHandlers().failures;
      const missing = failures.filter(({ isOldVersionKept }) => !isOldVersionKept);
      if (missing.length > 0) {
        const reasons = missing.map(({ error }) => error.message).join("; ");
        throw new ViadutoError("handlers_not_loaded", { reasons });
      }
      return {
        status: "ready",
        broker,
        mqtt_version: VERSION_NAMES[version],
        ...(failures.length > 0 && { failures: failures.map(toFailureJson) }),
      };
    });
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
