// The span of one run of a handler. Called by worker.ts when somebody traces.

import type { Span, Tracer } from "../lib/tracer.ts";
import { arrivedTraceOf } from "../topics/traced-message.ts";
import type { Task } from "./run.ts";

/** A span that comes of the message, under the names that OpenTelemetry gave. */
export function startProcessing(
  tracer: Tracer,
  name: string,
  { handler, message }: Pick<Task, "handler" | "message">,
  attempt: number,
): Span {
  const { text } = handler.topic.pattern;
  return tracer.start({
    name: `process ${text}`,
    kind: "consumer",
    parent: arrivedTraceOf(message),
    attributes: {
      "messaging.system": "mqtt",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": message.topic,
      "messaging.destination.template": text,
      "messaging.message.body.size": message.payload.length,
      "viaduto.handler": name,
      "viaduto.attempt": attempt,
    },
  });
}
