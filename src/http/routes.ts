// All routes of the bridge, without a server: app.ts serves them, and a library's app may mount
// them. Errors become problem+json here.

import { Elysia } from "elysia";
import type { ClientList } from "../broker/client-list.ts";
import { toReason, toViadutoError, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { LinkState } from "../link/state.ts";
import type { DeadLetters } from "../store/dead-letters.ts";
import type { LastValues } from "../store/last-values.ts";
import type { Observation } from "../store/observation.ts";
import { clientsRoute } from "./clients-route.ts";
import { deadLettersRoute } from "./dead-letters-route.ts";
import { type DocumentParts, documentsRoute } from "./documents-route.ts";
import { type HandlersReport, handlersRoute } from "./handlers-route.ts";
import { healthRoute } from "./health-route.ts";
import { toProblemResponse } from "./problem.ts";
import { type PublishMessage, publishRoute } from "./publish-route.ts";
import { topicsRoute } from "./topics-route.ts";

export type RouteParts = {
  readonly publish: PublishMessage;
  readonly values: LastValues;
  /** Every message that passes the bridge. */
  readonly observation: Observation;
  /**
   * Makes messages of the filter pass the bridge, until it is disposed. Rejects with
   * `subscribe_refused`.
   */
  readonly hold: (filter: string) => Promise<Disposable>;
  readonly getState: () => LinkState;
  readonly getHandlers: () => HandlersReport;
  readonly deadLetters: DeadLetters;
  readonly redrive: (id: number) => Promise<void>;
  /** Of the embedded broker; undefined with an external one. */
  readonly clients: ClientList | undefined;
  readonly documents: DocumentParts;
  readonly log: Logger;
};

export type Routes = ReturnType<typeof createRoutes>;

const HEADERS = { "X-Content-Type-Options": "nosniff" } as const;

/** Every route, and its errors as problem+json. */
export function createRoutes(parts: RouteParts) {
  const { publish, values, getState, getHandlers, deadLetters, redrive, clients, log } = parts;
  const documents = documentsRoute(parts.documents, () => app.routes);
  // normalize would drop unknown fields: a misspelt one is told instead.
  const app = new Elysia({ normalize: false })
    .onError(({ error, code, request }) => {
      const problem = toHttpError(error, String(code), request);
      if (problem.httpStatus >= 500 && problem.httpStatus !== 503) log.problem("error", problem);
      return toProblemResponse(problem);
    })
    .headers(HEADERS)
    .use(healthRoute(getState, getHandlers))
    .use(publishRoute(publish))
    .use(topicsRoute(publish, values))
    .use(handlersRoute(getHandlers))
    .use(deadLettersRoute(deadLetters, redrive))
    .use(clientsRoute(clients));
  return app.use(documents);
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

function isOn(error: unknown, part: "query" | "response"): boolean {
  return (error as { type?: unknown }).type === part;
}

function describeIssue({ schema, value, summary, message }: ValidationIssue): string | undefined {
  const allowed = schema?.anyOf?.map((one) => JSON.stringify(one.const) ?? "other");
  if (!allowed) return summary ?? message;
  return `expected ${allowed.join(" or ")}, found ${JSON.stringify(value) ?? "nothing"}`;
}
