// One request and its answer, as those see it who count and trace. Begun where requests come in, by
// server.ts and the library's plugin; the routes ask it for the trace. It changes no answer, but
// for a header that names the span.

import { readTraceHeaders, type TraceContext } from "../lib/trace-context.ts";
import type { Span, Tracer } from "../lib/tracer.ts";
import type { FlowSender } from "../store/flow.ts";
import type { OutgoingMessage } from "../topics/message.ts";
import { carryTrace } from "../topics/traced-message.ts";
import { type HttpFigures, toKnownMethod } from "./http-figures.ts";
import { type Visit, visitOf } from "./visit.ts";

/** Answers a request. What the routes are given, which may be a copy, is told to `enter`. */
export type Answer = (enter: (request: Request) => Request) => Promise<Response>;
/** Counts and traces one request. */
export type Meter = (request: Request, answer: Answer) => Promise<Response>;

/** The message with the trace of the request that it comes of. */
export function withTraceOf(request: Request, message: OutgoingMessage): OutgoingMessage {
  return carryTrace(message, visitOf(request)?.trace);
}

/** Who sends the message of a request, for its flow. */
export function senderOf(request: Request): FlowSender | undefined {
  const visit = visitOf(request);
  if (!visit) return undefined;
  return {
    kind: "http",
    method: toKnownMethod(request.method),
    route: visit.route,
    requestId: visit.id,
    caller: visit.caller.name,
    arrivedAtMs: visit.startedAtMs,
  };
}

/** Called with the pattern of the route that takes the request. */
export function noteRoute(request: Request, route: string): void {
  const visit = visitOf(request);
  if (visit) visit.route = route;
}

/** Counts each request, and traces it when there is a tracer. */
export function createMeter(figures: HttpFigures, tracer: Tracer | undefined): Meter {
  return async (request, answer) => {
    const startedAtMs = performance.now();
    const caller = readTraceHeaders(request.headers);
    const span = tracer && startServing(tracer, request, caller);
    let visit: Visit | undefined;
    const enter = (routed: Request) => {
      visit = visitOf(routed);
      if (visit) visit.trace = span ? span.context : caller;
      return routed;
    };
    let status = 500;
    figures.running += 1;
    try {
      const response = await answer(enter);
      status = response.status;
      if (span) response.headers.set("traceparent", span.context.traceparent);
      return response;
    } finally {
      figures.running -= 1;
      const method = toKnownMethod(request.method);
      const route = visit?.route ?? "";
      figures.add(method, route, status, (performance.now() - startedAtMs) / 1000);
      if (span) finishServing(span, method, route, status);
    }
  };
}

// https://opentelemetry.io/docs/specs/semconv/http/http-spans/. Never the query: it may have the
// token.
function startServing(tracer: Tracer, request: Request, parent: TraceContext | undefined): Span {
  const { pathname, protocol, hostname, port } = new URL(request.url);
  const method = toKnownMethod(request.method);
  return tracer.start({
    name: method,
    kind: "server",
    parent,
    attributes: {
      "http.request.method": method,
      ...(method !== request.method && { "http.request.method_original": request.method }),
      "url.path": pathname,
      "url.scheme": protocol.slice(0, -1),
      "server.address": hostname,
      ...(port !== "" && { "server.port": Number(port) }),
      "user_agent.original": request.headers.get("user-agent") ?? undefined,
    },
  });
}

// What the caller did wrong, a 4xx, is no failure of the server.
function finishServing(span: Span, method: string, route: string, status: number): void {
  const attributes = { "http.response.status_code": status };
  if (route === "") span.add(attributes);
  else span.add({ ...attributes, "http.route": route }, `${method} ${route}`);
  span.end(status >= 500 ? { code: String(status), message: "" } : undefined);
}
