// W3C Trace Context (https://www.w3.org/TR/trace-context/): which trace something belongs to, and
// what it comes of. HTTP has it in headers, MQTT 5 in user properties of the same names. Read by
// whoever takes something in; made by tracing/ alone. It is passed on as it came, and never mended.

export type TraceContext = {
  readonly traceparent: string;
  /** What the tracing systems on the way wanted to remember. */
  readonly tracestate?: string;
};

/** What was found under a name: nothing, a value, or several. */
type Found = string | readonly string[] | null | undefined;

// Version, trace, parent, flags; a version after 00 may have more behind.
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]*)?$/;
/** Longest traceparent that is looked at: versions to come may be longer than 55. */
const TRACEPARENT_LENGTH_MAX = 128;
/** What everyone must be able to pass on (section 3.3.1.5); printable, as in a header. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/**
 * The context in two values. Undefined when there is none, or when it is malformed: then
 * tracestate says nothing either (section 4.3). More than one traceparent is none.
 */
export function readTraceContext(traceparent: Found, tracestate?: Found): TraceContext | undefined {
  if (typeof traceparent !== "string" || !isTraceparent(traceparent)) return undefined;
  // Several of them are one list (section 3.3.1.1).
  const state = Array.isArray(tracestate) ? tracestate.join(",") : tracestate;
  if (typeof state !== "string" || !TRACESTATE.test(state)) return { traceparent };
  return { traceparent, tracestate: state };
}

/** The context of an HTTP request. */
export function readTraceHeaders(headers: Headers): TraceContext | undefined {
  const traceparent = headers.get("traceparent");
  return traceparent === null
    ? undefined
    : readTraceContext(traceparent, headers.get("tracestate"));
}

function isTraceparent(text: string): boolean {
  if (text.length > TRACEPARENT_LENGTH_MAX || !TRACEPARENT.test(text)) return false;
  return !text.startsWith("00") || text.length === 55;
}
