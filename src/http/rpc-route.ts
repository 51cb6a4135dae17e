// POST /rpc/<topic>: asks over MQTT and answers with the reply. With Prefer: respond-async the
// answer is fetched later, from GET /rpc/results/<id>.

import { type Static, Type } from "@sinclair/typebox";
import { Elysia, status } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import { escapeControl } from "../lib/log.ts";
import type { LinkRequestOptions } from "../link/requests.ts";
import type { LinkState } from "../link/state.ts";
import type { FlowSender } from "../store/flow.ts";
import type { Idempotency, StoredAnswer } from "../store/idempotency.ts";
import type { Message, OutgoingMessage } from "../topics/message.ts";
import { checkTopic } from "../topics/pattern.ts";
import type { CallResults } from "./call-results.ts";
import { callerOf } from "./caller.ts";
import { readDurationMs } from "./duration.ts";
import { senderOf, withTraceOf } from "./exchange.ts";
import { type Answer, answerOnce, REPLAYED } from "./idempotent.ts";
import { readPreferences } from "./preferences.ts";
import { SEND_PROBLEMS } from "./publish-answer.ts";
import { RAW_QUERY, readRawMessage, toContent } from "./raw-message.ts";
import { toReplyAnswer, toResponse } from "./reply-answer.ts";
import { problems } from "./route-schemas.ts";
import { readTopicPath, TOPIC_PATH } from "./topic-path.ts";

export type RpcParts = {
  readonly request: (
    message: OutgoingMessage,
    options: LinkRequestOptions,
    toSender?: () => FlowSender | undefined,
  ) => Promise<Message>;
  /** Throws `reply_invalid` for what does not fit the topic's reply, where there is one. */
  readonly checkReply: (topic: string, reply: Message) => void;
  readonly getState: () => LinkState;
  readonly idempotency: Idempotency;
  readonly results: CallResults;
  /** Where a call names no timeout, milliseconds. */
  readonly timeoutMs: number;
  readonly timeoutMsMax: number;
};

const PREFIX = "/rpc/";
const RESULTS = "/rpc/results";
const QUERY = Type.Object(
  {
    ...RAW_QUERY,
    timeout: Type.Optional(Type.String({ description: "such as 500ms, 5s, 1m", examples: ["1s"] })),
    reply_topic: Type.Optional(
      Type.String({ description: "where a device replies that knows no response topic" }),
    ),
  },
  { additionalProperties: false },
);
type Query = Static<typeof QUERY>;
const RUNNING = Type.Object({ id: Type.String(), status: Type.Literal("running") });
const REPLY = Type.Unknown({ description: "the reply's payload", contentMediaType: "*/*" });
const REPLY_PROBLEMS = [
  ...SEND_PROBLEMS,
  "request_timeout",
  "nobody_listens",
  "reply_invalid",
  "broker_away",
  "request_unsupported",
  "requests_full",
  "subscribe_refused",
  "filter_invalid",
] as const;
const CALL_RESPONSE = { 200: REPLY, 202: RUNNING, ...problems(...REPLY_PROBLEMS, "results_full") };
const RESULT_RESPONSE = {
  200: REPLY,
  202: RUNNING,
  ...problems(...REPLY_PROBLEMS, "result_unknown"),
};
const RESULT_PATH = Type.Object({
  id: Type.String({ description: "of the Location", examples: ["0b9cbd1e"] }),
});

/**
 * The routes. Answer `request_timeout`, `nobody_listens`, `reply_invalid`, `broker_away`,
 * `request_unsupported`, `results_full`, `result_unknown`, and what publishes do.
 */
export function rpcRoute(parts: RpcParts) {
  const { results } = parts;
  return new Elysia()
    .post(`${PREFIX}*`, ({ request, query }) => call(parts, request, query), {
      params: TOPIC_PATH,
      query: QUERY,
      parse: "none",
      response: CALL_RESPONSE,
      detail: {
        requestBody: {
          description: "the payload, of any type",
          content: { "*/*": { schema: {}, example: '{"delay":0}' } },
        },
        operationId: "call",
        summary: "Ask, and get the reply",
        description:
          "The raw body is published with a response topic and correlation data; the answer is " +
          "the reply's payload. `Prefer: respond-async` answers 202 with a Location; " +
          "`Prefer: wait=5` waits so many seconds when there is no timeout.",
        tags: ["calls"],
      },
    })
    .get(
      `${RESULTS}/:id`,
      ({ request, params, set }) => {
        const caller = callerOf(request);
        const { topic, outcome } = results.get(caller.name, toResultId(params.id));
        caller.check("publish", topic);
        if (outcome instanceof ViadutoError) throw outcome;
        if (outcome) return toResponse(outcome);
        set.headers["Retry-After"] = "1";
        return status(202, { id: params.id, status: "running" as const });
      },
      {
        params: RESULT_PATH,
        response: RESULT_RESPONSE,
        detail: {
          operationId: "getCallResult",
          summary: "The answer of a call that was asked for with respond-async",
          description: "202 while it runs, then the answer, for as long as it is kept.",
          tags: ["calls"],
        },
      },
    );
}

// Elysia gives null for what no percent-encoding is.
function toResultId(text: string | null): string {
  return escapeControl(text ?? "");
}

async function call(parts: RpcParts, request: Request, query: Query): Promise<Response> {
  const topic = readTopicPath(request, PREFIX);
  const { timeout, reply_topic: replyTopic, ...others } = query;
  const caller = callerOf(request);
  caller.check("publish", topic);
  // Whoever names a topic reads what comes there.
  if (replyTopic !== undefined) {
    checkTopic(replyTopic);
    caller.check("read", replyTopic);
  }
  const { isAsync: isLater, waitMs } = readPreferences(request);
  const timeoutMs = readTimeout(parts, timeout, isLater ? undefined : waitMs);
  const { message: raw, token } = await readRawMessage(request, topic, others);
  const message = withTraceOf(request, raw);
  const how = { token, timeoutMs, replyTopic };
  const toSender = () => senderOf(request);
  // Who has a key may come again for the reply: the call goes on when the connection is lost.
  const signal = request.headers.has("Idempotency-Key") ? undefined : request.signal;
  const content = toContent(raw, token);
  const answer = await answerOnce(parts.idempotency, request, content, async () => {
    if (!isLater) return ask(parts, message, { ...how, signal }, toSender);
    const run = () => ask(parts, message, how, toSender);
    return toAccepted(parts.results.start({ caller: caller.name, topic }, run));
  });
  return toResponse(mark(answer));
}

// What the query says is asked for; Prefer says only what would be nice.
function readTimeout(
  { timeoutMs, timeoutMsMax }: RpcParts,
  text: string | undefined,
  preferredMs: number | undefined,
): number {
  if (text !== undefined) {
    return readDurationMs("timeout", text, { minimumMs: 1, maximumMs: timeoutMsMax });
  }
  return preferredMs === undefined ? timeoutMs : Math.min(preferredMs, timeoutMsMax);
}

async function ask(
  { request, checkReply, getState }: RpcParts,
  message: OutgoingMessage,
  how: LinkRequestOptions,
  toSender: () => FlowSender | undefined,
): Promise<StoredAnswer> {
  const { topic } = message;
  try {
    const reply = await request(message, how, toSender);
    checkReply(topic, reply);
    return toReplyAnswer(reply);
  } catch (error) {
    const isLate = error instanceof ViadutoError && error.code === "request_timeout";
    if (!isLate || getState().kind === "connected") throw error;
    const { timeoutMs } = how;
    throw new ViadutoError("broker_away", { topic, timeoutMs }, { cause: error });
  }
}

// [RFC 7240 section 4.1]
function toAccepted(id: string): StoredAnswer {
  return {
    status: 202,
    headers: {
      "Content-Type": "application/json",
      Location: `${RESULTS}/${id}`,
      "Preference-Applied": "respond-async",
      "Retry-After": "1",
    },
    body: Buffer.from(JSON.stringify({ id, status: "running" } satisfies Static<typeof RUNNING>)),
  };
}

function mark(answer: Answer): StoredAnswer {
  if (!answer.isReplayed) return answer;
  return { ...answer, headers: { ...answer.headers, ...REPLAYED } };
}
