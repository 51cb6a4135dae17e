// What the routes of /flows take and answer: their types, and their part of the documents. Used by
// flows-route.ts and flow-json.ts.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { looseQuery, problems, queryInteger, queryText } from "./route-schemas.ts";

export const FLOWS_LIMIT = 100;
export const FLOWS_LIMIT_MAX = 1_000;

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);
const text = (description: string) => optional(Type.String({ description }));
const number = (description: string) => Type.Number({ description });
/** One of these words. */
function oneOf<const W extends string>(words: readonly W[], description: string) {
  return Type.Unsafe<W>(Type.String({ enum: [...words], description }));
}
const time = (description: string) => optional(number(description));

const SENDER = Type.Object({
  kind: oneOf(
    ["http", "handler", "client", "broker", "dead_letter"],
    "client: of the embedded broker; broker: whoever is at the external one",
  ),
  method: text("of the HTTP request"),
  route: text("of the HTTP request, as a pattern"),
  request_id: text("its X-Request-Id"),
  caller: text("the name of its token"),
  client_id: text("at the embedded broker, where it is known"),
  handler: text("that published it"),
  flow: time("the flow in which that handler ran"),
  dead_letter: time("the letter whose handler ran again"),
  sent_ms: time("when it went to the broker, or the embedded one had it"),
  acknowledged_ms: time("when the broker acknowledged it"),
  answered_ms: time("of a call: when the reply was there"),
  code: text("of the error with which it was not sent, or not answered"),
});

const PUBLISH = Type.Object({
  topic: text("absent when the caller may not read it"),
  qos: number("of the message"),
  retain: Type.Boolean(),
  is_reply: Type.Boolean({ description: "the answer to what came" }),
  is_call: Type.Boolean({ description: "a reply was waited for" }),
  sent_ms: number("when it was published"),
  acknowledged_ms: time("when the broker acknowledged it"),
  answered_ms: time("of a call: when the reply was there"),
  code: text("of its error"),
  detail: text("of its error"),
  flow: time("of the message, where a handler of this bridge got it"),
});

const RUN = Type.Object({
  handler: Type.String(),
  attempt: number("from 1; 0 when the payload does not fit, and it did not run"),
  queued_ms: time("how long it waited for its turn, or for the next attempt"),
  start_ms: time("absent while it waits for its turn"),
  end_ms: time("absent while it runs"),
  outcome: optional(
    oneOf(
      ["done", "failed", "timeout", "retried", "dead_letter"],
      "retried, dead_letter: it failed, `code` says how, and that came of it",
    ),
  ),
  code: text("of its error"),
  detail: text("of its error; absent when it may tell of topics that the caller may not read"),
  dead_letter: time("the id of the letter: POST /dead-letters/<id>/redrive runs it again"),
  publishes: Type.Array(PUBLISH),
});

export const FLOW = Type.Object({
  id: number("microseconds since 1970; in the order of the flows"),
  at: Type.String({ description: "its beginning, from which all _ms count; ISO 8601" }),
  status: oneOf(["running", "done", "failed"], "running: some handler has not done with it"),
  sender: SENDER,
  topic: Type.String(),
  qos: number("of the message"),
  retain: Type.Boolean(),
  payload: Type.String({ description: "text where it is UTF-8, else base64" }),
  payload_encoding: Type.Union([Type.Literal("plain"), Type.Literal("base64")]),
  payload_bytes: number("of the whole payload"),
  payload_cut: optional(Type.Literal(true, { description: "`payload` is only the beginning" })),
  arrived_ms: number("when the bridge had it from the broker"),
  runs: Type.Array(RUN),
  left_out: optional(number("runs and publishes that are too many to be told")),
});
export type FlowJson = Static<typeof FLOW>;

export const LIST = {
  query: looseQuery({
    filter: queryText({ description: "an MQTT filter; # when absent", examples: ["devices/#"] }),
    after: queryInteger({
      description: "only what has begun or changed since: the `next` of an answer, or an id",
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
    limit: queryInteger({
      description: "so many at most",
      minimum: 1,
      maximum: FLOWS_LIMIT_MAX,
      default: FLOWS_LIMIT,
    }),
    wait: queryText({
      description: "how long to wait when there is none: 10s; 10 minutes at most",
      examples: ["1s"],
    }),
  }),
  detail: {
    operationId: "listFlows",
    summary: "What became of the last messages",
    description:
      "The stories of messages that handlers got, in the order of their last change, the latest " +
      "last. Without after the latest ones; with it those that began or changed since.",
    tags: ["handlers"],
  },
  response: {
    200: Type.Object({
      flows: Type.Array(FLOW),
      next: number("ask with ?after=<next> for what comes"),
      skipped: number("messages so far that came too fast to be told"),
    }),
    ...problems("query_invalid", "flows_off", "flow_waiters_full", "link_closed"),
  },
};

export const SHOW = {
  params: Type.Object({
    id: Type.String({ description: "of the flow, a number", examples: ["1764497553000000"] }),
  }),
  detail: {
    operationId: "getFlow",
    summary: "What became of one message",
    description: "Who sent it, each run of each handler, what they published, and the times.",
    tags: ["handlers"],
  },
  response: { 200: FLOW, ...problems("flow_unknown", "flows_off") },
};
