// The trace context of a message: the MQTT 5 user properties `traceparent` and `tracestate`
// (https://w3c.github.io/trace-context-mqtt/). Used by handlers, HTTP and the app, which pass a
// context from what came in to what goes out. It makes none.

import { readTraceContext, type TraceContext } from "../lib/trace-context.ts";
import type { OutgoingMessage, UserPair } from "./message.ts";

/** The context with which a message came, or is to go. */
export function traceContextOf({ properties }: OutgoingMessage): TraceContext | undefined {
  const user = properties?.userProperties;
  if (user?.traceparent === undefined) return undefined;
  return readTraceContext(user.traceparent, user.tracestate);
}

/**
 * The context of a message that came. One that the broker had kept tells of a trace that is over,
 * at every start anew: it has none (retained live messages come without the flag
 * [MQTT-3.3.1-12]).
 */
export function arrivedTraceOf(message: OutgoingMessage): TraceContext | undefined {
  return message.retain ? undefined : traceContextOf(message);
}

/**
 * The message with the context of what it comes of; one that it has already stays. What is there
 * and malformed goes: it is passed on neither alone nor beside another (section 4.3).
 */
export function carryTrace<M extends OutgoingMessage>(
  message: M,
  context: TraceContext | undefined,
): M {
  const { traceparent, tracestate } = message.properties?.userProperties ?? {};
  const isThere = traceparent !== undefined || tracestate !== undefined;
  if (!isThere && !context) return message;
  if (isThere && traceContextOf(message)) return message;
  return replaceTrace(message, context);
}

/** The message with this context and no other, or with none. */
export function replaceTrace<M extends OutgoingMessage>(
  message: M,
  context: TraceContext | undefined,
): M {
  const { userProperties: given, ...properties } = message.properties ?? {};
  const { traceparent: _, tracestate: __, ...others } = given ?? {};
  const userProperties = { ...others, ...context };
  // mqtt-packet writes nothing at all, not even the message, where the object is empty.
  const isEmpty = Object.keys(userProperties).length === 0;
  return {
    ...message,
    properties: isEmpty ? properties : { ...properties, userProperties },
    ...replacePairs(message, context),
  };
}

// The same once more as a list, where a message has its user properties in their order.
function replacePairs(
  { userPairs }: OutgoingMessage,
  context: TraceContext | undefined,
): Pick<OutgoingMessage, "userPairs"> {
  if (!userPairs) return {};
  const others = userPairs.filter(([name]) => !(name === "traceparent" || name === "tracestate"));
  const pairs: readonly UserPair[] = [...others, ...Object.entries(context ?? {})];
  return { userPairs: pairs.length > 0 ? pairs : undefined };
}
