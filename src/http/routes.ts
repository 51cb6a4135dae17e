// All routes of the bridge, without a server: app.ts serves them, and a library's app may mount
// them. Errors become problem+json here.

import { Elysia } from "elysia";
import type { ClientList } from "../broker/client-list.ts";
import { joinSentences, toReason, toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { MetricFamily } from "../lib/metric-family.ts";
import type { Tracer } from "../lib/tracer.ts";
import type { LinkState } from "../link/state.ts";
import type { DeadLetters } from "../store/dead-letters.ts";
import type { Flows } from "../store/flows.ts";
import type { History } from "../store/history.ts";
import type { Idempotency } from "../store/idempotency.ts";
import type { LastValues } from "../store/last-values.ts";
import type { Waiters } from "../store/waiters.ts";
import { findMethods, type RouteName } from "./allowed-methods.ts";
import type { BrokerFacts } from "./broker-json.ts";
import { brokerRoute } from "./broker-route.ts";
import { type AskMessage, type CallLimits, callRoutes } from "./call-routes.ts";
import { clientsRoute } from "./clients-route.ts";
import { deadLettersRoute } from "./dead-letters-route.ts";
import { type DocumentParts, documentsRoute } from "./documents-route.ts";
import { noteRoute } from "./exchange.ts";
import { createExplorerPage, explorerRoute } from "./explorer-route.ts";
import { flowsRoute } from "./flows-route.ts";
import { type HandlersReport, handlersRoute } from "./handlers-route.ts";
import { healthRoute, type Reach } from "./health-route.ts";
import { historyRoute } from "./history-route.ts";
import type { HttpFigures } from "./http-figures.ts";
import { checkJsonDepth } from "./json-depth.ts";
import { knownTopicsRoute } from "./known-topics-route.ts";
import { metricsRoute } from "./metrics-route.ts";
import { toProblemResponse } from "./problem.ts";
import type { PublishMessage } from "./publish-answer.ts";
import { type RetainedLimits, retainedRoute } from "./retained-route.ts";
import type { RetainedSource } from "./retained-source.ts";
import type { Streams } from "./streams.ts";
import { streamsRoute } from "./streams-route.ts";
import { valueRoute } from "./value-route.ts";
import { requestIdOf } from "./visit.ts";

export type RouteParts = {
  readonly publish: PublishMessage;
  /** Asks, as `Link.request` does. */
  readonly request: AskMessage;
  readonly idempotency: Idempotency;
  readonly callLimits: CallLimits;
  readonly values: LastValues;
  /** Undefined when nothing is recorded. */
  readonly history: History | undefined;
  /** Of requests that wait for a message. */
  readonly waiters: Waiters;
  /** Aborted when the bridge stops. */
  readonly stopping: AbortSignal;
  /**
   * Makes messages of the filter pass the bridge, until it is disposed. Rejects with
   * `subscribe_refused`.
   */
  readonly hold: (filter: string) => Promise<Disposable>;
  /** The retained messages, at whatever broker. */
  readonly retained: RetainedSource;
  readonly retainedLimits: RetainedLimits;
  readonly streams: Streams;
  /** Most messages that a stream which goes on is sent anew. */
  readonly resumeMessagesMax: number;
  readonly getState: () => LinkState;
  readonly getReach: () => Reach;
  readonly getHandlers: () => HandlersReport;
  /** Undefined when none are told. */
  readonly flows: Flows | undefined;
  /** Why the embedded broker's file takes nothing now; undefined while it does. */
  readonly getStoreProblem: () => string | undefined;
  readonly deadLetters: DeadLetters;
  readonly redrive: (id: number) => Promise<void>;
  readonly getBroker: () => BrokerFacts;
  /** Of the embedded broker; undefined with an external one. */
  readonly clients: ClientList | undefined;
  /** How deep JSON in a body may be nested. */
  readonly jsonDepthMax: number;
  readonly getMetrics: () => readonly MetricFamily[];
  /** What is counted of requests. */
  readonly httpFigures: HttpFigures;
  /** Undefined when nobody traces. */
  readonly tracer: Tracer | undefined;
  readonly documents: DocumentParts;
  readonly log: Logger;
};

export type Routes = ReturnType<typeof createRoutes>;

/** Every route, and its errors as problem+json. */
export function createRoutes(parts: RouteParts) {
  const { values, getHandlers, deadLetters, redrive, clients, getMetrics, log } = parts;
  const page = createExplorerPage();
  const listRoutes = (): readonly RouteName[] => app.routes;
  const documents = documentsRoute(parts.documents, () => app.routes);
  // normalize would drop unknown fields: a misspelt one is told instead.
  const app = new Elysia({ normalize: false })
    .onError(({ error, code, request, route }) => {
      // A body that is no JSON comes no further.
      if (route) noteRoute(request, route);
      const problem = toHttpError(error, String(code), request, listRoutes);
      if (problem.httpStatus >= 500 && problem.httpStatus !== 503) {
        logProblem(log, problem, requestIdOf(request));
      }
      return toProblemResponse(problem, request);
    })
    .onTransform(({ request, route, body }) => {
      noteRoute(request, route);
      checkJsonDepth(body, parts.jsonDepthMax);
    })
    .use(healthRoute({ ...parts, page }))
    .use(explorerRoute(page))
    .use(callRoutes(parts))
    .use(valueRoute(parts))
    .use(knownTopicsRoute(values))
    .use(historyRoute(parts.history))
    .use(retainedRoute(parts))
    .use(streamsRoute(parts))
    .use(handlersRoute(getHandlers))
    .use(flowsRoute(parts))
    .use(deadLettersRoute(deadLetters, redrive))
    .use(brokerRoute(parts.getBroker))
    .use(clientsRoute(clients))
    .use(metricsRoute(getMetrics));
  return app.use(documents);
}

function logProblem(log: Logger, { message, hint, code }: ViadutoError, id = "none"): void {
  log.error(`${joinSentences(message, hint)} [${id}]`, { code, request_id: id });
}

type ValidationIssue = {
  readonly path?: string;
  readonly message?: string;
  readonly summary?: string;
  readonly value?: unknown;
  readonly schema?: { readonly anyOf?: readonly { readonly const?: unknown }[] };
};

// Elysia's own errors in the catalogue's words.
function toHttpError(
  error: unknown,
  code: string,
  request: Request,
  listRoutes: () => readonly RouteName[],
): ViadutoError {
  if (code === "NOT_FOUND") return toUnknown(request, listRoutes());
  if (code === "PARSE") return toParseError(error);
  if (code === "VALIDATION" && isOn(error, "response")) return toViadutoError(error);
  if (code === "VALIDATION") {
    const [issue] = (error as { all?: ValidationIssue[] }).all ?? [];
    const path = issue?.path ?? "";
    const words = (issue && describeIssue(issue)) ?? toReason(error);
    const reason = path === "" ? words : `${path}: ${words}`;
    const wrong = isOn(error, "query") ? "query_invalid" : "body_invalid";
    return new ViadutoError(wrong, { path, reason }, { cause: error });
  }
  return toViadutoError(error);
}

function toUnknown({ url, method }: Request, routes: readonly RouteName[]): ViadutoError {
  const path = new URL(url).pathname;
  const allowed = findMethods(routes, path).join(", ");
  if (allowed === "") return new ViadutoError("route_unknown", { method, path });
  return new ViadutoError("method_not_allowed", { method, path, allowed });
}

// What reads the body may have words of its own.
function toParseError(error: unknown): ViadutoError {
  const { cause } = error as { readonly cause?: unknown };
  if (cause instanceof ViadutoError) return cause;
  return new ViadutoError("body_invalid", { reason: "it is not JSON" });
}

function isOn(error: unknown, part: "query" | "response"): boolean {
  return (error as { type?: unknown }).type === part;
}

function describeIssue({ schema, value, summary, message }: ValidationIssue): string | undefined {
  const allowed = schema?.anyOf?.map((one) => JSON.stringify(one.const) ?? "other");
  if (!allowed) return summary ?? message;
  return `expected ${allowed.join(" or ")}, found ${JSON.stringify(value) ?? "nothing"}`;
}
