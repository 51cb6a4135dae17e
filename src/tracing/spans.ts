// The tracer that the layers are given, over OpenTelemetry's. A context comes and goes as an
// argument: nothing hangs on to the call that runs, which would cost every promise something.

import {
  createTraceState,
  type Span as LibrarySpan,
  type Tracer as LibraryTracer,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import type { TraceContext } from "../lib/trace-context.ts";
import type { Span, SpanAttributes, Tracer } from "../lib/tracer.ts";

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

export function createTracer(library: LibraryTracer): Tracer {
  return {
    start({ name, kind, parent, attributes }) {
      const context = parent ? trace.setSpanContext(ROOT_CONTEXT, toLibrary(parent)) : ROOT_CONTEXT;
      const options = { kind: KINDS[kind], attributes };
      return toSpan(library.startSpan(name, options, context));
    },
  };
}

function toSpan(span: LibrarySpan): Span {
  const { traceId, spanId } = span.spanContext();
  return {
    context: fromLibrary(span.spanContext()),
    traceId,
    spanId,
    add(attributes: SpanAttributes, name) {
      span.setAttributes(attributes);
      if (name !== undefined) span.updateName(name);
    },
    end(failure) {
      if (failure) {
        span.setAttribute("error.type", failure.code);
        span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
      }
      span.end();
    },
  };
}

// It was checked when it was read.
function toLibrary({ traceparent, tracestate }: TraceContext): SpanContext {
  const [, traceId = "", spanId = "", flags = "00"] = traceparent.split("-");
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
}

function fromLibrary({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const flags = traceFlags.toString(16).padStart(2, "0");
  const tracestate = traceState?.serialize();
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    ...(tracestate && { tracestate }),
  };
}
