// How the layers tell what they do to whoever traces it. Made by tracing/, and absent when nobody
// traces. Types only: no layer but that one knows a library for it.

import type { TraceContext } from "./trace-context.ts";

/** What OpenTelemetry calls the side of a span. */
export type SpanKind = "server" | "client" | "producer" | "consumer";

/** Under the names of OpenTelemetry's semantic conventions. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export type SpanStart = {
  /** A few words with few variants: no topic, no id. */
  readonly name: string;
  readonly kind: SpanKind;
  /** What it comes of; undefined begins a trace. */
  readonly parent: TraceContext | undefined;
  readonly attributes: SpanAttributes;
};

/** A failure of the catalogue, or whatever has a code. */
type Failure = { readonly code: string; readonly message: string };

/** Something that takes its time, from its start to `end`, which is called once. */
export type Span = {
  /** For what comes of it. */
  readonly context: TraceContext;
  readonly traceId: string;
  readonly spanId: string;
  /** What is known later than the start. */
  readonly add: (attributes: SpanAttributes, name?: string) => void;
  readonly end: (failure?: Failure) => void;
};

export type Tracer = { readonly start: (start: SpanStart) => Span };
