// GET /health: the process is alive. GET /ready: it can do its work: the link is connected, all its
// subscriptions are granted, every handler is loaded. GET /: what else there is.

import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { type LinkState, VERSION_NAMES } from "../link/state.ts";
import { type HandlersReport, toFailureJson } from "./handlers-route.ts";

const ROUTES = {
  "POST /publish": "publish a message: { topic, payload, payload_encoding?, qos?, retain? }",
  "PUT /topics/<topic>": "publish the raw body; ?qos=&retain=; POST as well",
  "GET /topics/<topic>": "the last value seen",
  "GET /topics/<filter>": "with Accept: text/event-stream, what comes as it comes",
  "GET /stream": "the same for several filters: ?filter=&filter=; also a WebSocket",
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
  "/mqtt": "MQTT over WebSocket, when the broker is embedded",
} as const;

/** GET /, /health and /ready; the last is 503 with `not_ready` until the link is connected. */
export function healthRoute(getState: () => LinkState, getHandlers: () => HandlersReport) {
  const startedAtMs = Date.now();
  return new Elysia()
    .get("/", () => ({ name: "viaduto", version: VERSION, routes: ROUTES }))
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
