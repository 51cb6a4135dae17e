// GET /handlers: what is loaded, how it fares, and which files could not be loaded.

import { existsSync, realpathSync } from "node:fs";
import { type Static, Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { LastFailure } from "../handlers/figures.ts";
import type { LoadFailure } from "../handlers/folder.ts";
import { findRunPlace } from "../handlers/run-place.ts";
import type { Worker } from "../handlers/worker.ts";
import { toRetries } from "../topics/handler.ts";
import { callerOf } from "./caller.ts";

export type HandlersReport = {
  readonly workers: readonly Worker[];
  readonly failures: readonly LoadFailure[];
  /** Of handler files, as an option has it. */
  readonly folder: string | undefined;
  /** Whether the flow is still told. */
  readonly hasFlow: (id: number) => boolean;
};

/** A file that could not be loaded, as `toFailureJson` gives it. */
export const FAILURE = Type.Object({
  file: Type.String(),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Integer()),
  line_text: Type.Optional(Type.String()),
  detail: Type.String({ description: "what is wrong with it" }),
  hint: Type.String({ description: "what to do now" }),
});

const count = (description: string) => Type.Integer({ minimum: 0, description });

const HANDLER = Type.Object({
  name: Type.String({ description: "as log and dead letters have it" }),
  file: Type.Optional(Type.String({ description: "of the handler folder" })),
  topic: Type.String({ description: "its pattern" }),
  filter: Type.String({ description: "the pattern as MQTT has it" }),
  qos: Type.Integer({ minimum: 0, maximum: 2 }),
  ordered_by: Type.Union([Type.Literal("key"), Type.Literal("topic")]),
  concurrency: Type.Optional(count("its own limit of runs side by side")),
  timeout_ms: Type.Optional(count("its own limit for one run")),
  retries: count("runs after the first, at most"),
  no_local: Type.Boolean(),
  retained: Type.Union([Type.Literal("send"), Type.Literal("new"), Type.Literal("ignore")]),
  running: count("runs right now"),
  waiting: count("messages that wait for their turn"),
  received: count("messages so far"),
  handled: count("of them, done"),
  failed: count("runs that failed"),
  retried: count("runs that were a retry"),
  dead_letters: count("messages given up"),
  rate: Type.Number({ description: "messages per second, over the last ten seconds" }),
  p50_ms: Type.Optional(Type.Number({ description: "half of the last runs took no longer" })),
  p99_ms: Type.Optional(Type.Number({ description: "99 of 100 of them took no longer" })),
  stalled_ms: count("the longest time for which it held up all others"),
  last_failure: Type.Optional(
    Type.Object({
      at: Type.String({ format: "date-time" }),
      topic: Type.String(),
      code: Type.String(),
      detail: Type.String(),
      file: Type.Optional(Type.String({ description: "of the handler folder, where it failed" })),
      line: Type.Optional(Type.Integer()),
      column: Type.Optional(Type.Integer()),
      flow: Type.Optional(Type.Number({ description: "GET /flows/<flow> tells the whole story" })),
    }),
  ),
});

const HANDLERS_JSON = Type.Object({
  handlers: Type.Array(HANDLER),
  failures: Type.Array(FAILURE),
});
export type HandlersJson = Static<typeof HANDLERS_JSON>;

const HANDLERS = {
  detail: {
    operationId: "listHandlers",
    summary: "What is loaded, and how it fares",
    description: "Every handler with its options and figures, and the files that do not load.",
    tags: ["handlers"],
  },
  response: { 200: HANDLERS_JSON },
};

/** GET /handlers. */
export function handlersRoute(getHandlers: () => HandlersReport) {
  return new Elysia().get(
    "/handlers",
    ({ request }) => {
      const caller = callerOf(request);
      caller.check("read");
      const report = getHandlers();
      const { workers: all, failures } = report;
      const toJson = createHandlerJson(report);
      const workers = all.filter(({ named }) => {
        return caller.may("read", named.handler.topic.pattern.filter);
      });
      return { handlers: workers.map(toJson), failures: failures.map(toFailureJson) };
    },
    HANDLERS,
  );
}

/** A file that could not be loaded, as JSON. */
export function toFailureJson({ file, line, column, lineText, error }: LoadFailure) {
  return {
    file,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(lineText !== undefined && { line_text: lineText }),
    detail: error.message,
    hint: error.hint,
  };
}

// The folder's real path once for all: a stack has that.
function createHandlerJson({ folder, hasFlow }: HandlersReport) {
  const realFolder = folder !== undefined && existsSync(folder) ? realpathSync(folder) : undefined;
  const nowMs = performance.now();
  return (worker: Worker) => {
    const { lastFailure, recent } = worker.figures;
    const [p50, p99] = [recent.quantileMs(0.5), recent.quantileMs(0.99)];
    return {
      ...toHandlerJson(worker),
      rate: round(recent.ratePerSecond(nowMs)),
      ...(p50 !== undefined && { p50_ms: round(p50) }),
      ...(p99 !== undefined && { p99_ms: round(p99) }),
      ...(lastFailure && { last_failure: toLastFailureJson(lastFailure, realFolder, hasFlow) }),
    };
  };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function toLastFailureJson(
  { atMs, topic, error, flowId }: LastFailure,
  folder: string | undefined,
  hasFlow: HandlersReport["hasFlow"],
) {
  return {
    at: new Date(atMs).toISOString(),
    topic,
    code: error.code,
    detail: error.message,
    ...(folder !== undefined && findRunPlace(error, folder)),
    ...(flowId !== undefined && hasFlow(flowId) && { flow: flowId }),
  };
}

function toHandlerJson({ named, figures, load }: Worker) {
  const { name, file, handler } = named;
  const {
    qos = 1,
    key,
    concurrency,
    timeout,
    noLocal = false,
    retained = "send",
  } = handler.options;
  return {
    name,
    ...(file !== undefined && { file }),
    topic: handler.topic.pattern.text,
    filter: handler.topic.pattern.filter,
    qos,
    ordered_by: key ? ("key" as const) : ("topic" as const),
    ...(concurrency !== undefined && { concurrency }),
    ...(timeout !== undefined && { timeout_ms: timeout }),
    retries: toRetries(handler.options).times,
    no_local: noLocal,
    retained,
    running: load.running,
    waiting: load.waiting,
    received: figures.received,
    handled: figures.handled,
    failed: figures.failed,
    retried: figures.retried,
    dead_letters: figures.deadLetters,
    stalled_ms: figures.stalledMs,
  };
}
