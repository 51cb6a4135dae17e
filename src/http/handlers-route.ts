// GET /handlers: what is loaded, how it fares, and which files could not be loaded.

import { Elysia } from "elysia";
import type { LoadFailure } from "../handlers/folder.ts";
import type { Worker } from "../handlers/worker.ts";
import { toRetries } from "../topics/handler.ts";
import { callerOf } from "./caller.ts";

export type HandlersReport = {
  readonly workers: readonly Worker[];
  readonly failures: readonly LoadFailure[];
};

/** GET /handlers: those whose topics the caller may read. */
export function handlersRoute(getHandlers: () => HandlersReport) {
  return new Elysia().get("/handlers", ({ request }) => {
    const caller = callerOf(request);
    caller.check("read");
    const { workers: all, failures } = getHandlers();
    const workers = all.filter(({ named }) => {
      return caller.may("read", named.handler.topic.pattern.filter);
    });
    return { handlers: workers.map(toHandlerJson), failures: failures.map(toFailureJson) };
  });
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
  const { lastFailure } = figures;
  return {
    name,
    ...(file !== undefined && { file }),
    topic: handler.topic.pattern.text,
    filter: handler.topic.pattern.filter,
    qos,
    ordered_by: key ? "key" : "topic",
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
    ...(lastFailure && {
      last_failure: {
        at: new Date(lastFailure.atMs).toISOString(),
        topic: lastFailure.topic,
        code: lastFailure.error.code,
        detail: lastFailure.error.message,
      },
    }),
  };
}
