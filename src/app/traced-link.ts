// Publishing and asking, told to whoever traces. Made by bridge.ts, and only when somebody does:
// else messages go straight to the link, with the context that they have.

import { toViadutoError } from "../lib/errors.ts";
import type { Span, SpanKind, Tracer } from "../lib/tracer.ts";
import type { Link } from "../link/link.ts";
import type { OutgoingMessage } from "../topics/message.ts";
import { replaceTrace, traceContextOf } from "../topics/traced-message.ts";

/** `publish` with a span for each message, whose context goes with it. */
export function tracePublish(publish: Link["publish"], tracer: Tracer): Link["publish"] {
  return (message, options) => {
    const span = start(tracer, "publish", "producer", message, options?.pattern);
    return finish(span, publish(replaceTrace(message, span.context), options));
  };
}

/** `request` with a span from the question to the reply. */
export function traceRequest(request: Link["request"], tracer: Tracer): Link["request"] {
  return (message, options) => {
    const span = start(tracer, "request", "client", message, options.pattern);
    return finish(span, request(replaceTrace(message, span.context), options));
  };
}

// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/: a topic has too many
// variants for the name of a span; what it was made of has not.
function start(
  tracer: Tracer,
  operation: string,
  kind: SpanKind,
  message: OutgoingMessage,
  pattern: string | undefined,
): Span {
  return tracer.start({
    name: pattern === undefined ? operation : `${operation} ${pattern}`,
    kind,
    parent: traceContextOf(message),
    attributes: {
      "messaging.system": "mqtt",
      "messaging.operation.name": operation,
      "messaging.operation.type": "send",
      "messaging.destination.name": message.topic,
      ...(pattern !== undefined && { "messaging.destination.template": pattern }),
      "messaging.message.body.size": message.payload.length,
    },
  });
}

async function finish<T>(span: Span, sent: Promise<T>): Promise<T> {
  try {
    const result = await sent;
    span.end();
    return result;
  } catch (error) {
    span.end(toViadutoError(error));
    throw error;
  }
}
