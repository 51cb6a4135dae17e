// PUT and POST /topics/<topic>: the raw body is the payload, whatever bytes it has. Answers when
// the broker has acknowledged it.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { callerOf } from "./caller.ts";
import { senderOf, withTraceOf } from "./exchange.ts";
import { answerJsonOnce } from "./idempotent.ts";
import { PUBLISH_RESPONSE, type PublishAnswer, toPublishAnswer } from "./publish-answer.ts";
import { checkPublish } from "./publish-rights.ts";
import { type PublishParts, respond } from "./publish-route.ts";
import {
  PUBLISH_QUERY,
  RAW_QUERY,
  type RawQuery,
  readRawMessage,
  toContent,
} from "./raw-message.ts";
import { readTopicPath, TOPIC_PATH } from "./topic-path.ts";

const PREFIX = "/topics/";
// "none": the payload is whatever bytes the body has, not what Content-Type makes of them.
const OPTIONS = {
  params: TOPIC_PATH,
  query: Type.Object({ ...RAW_QUERY, ...PUBLISH_QUERY }, { additionalProperties: false }),
  parse: "none",
  response: PUBLISH_RESPONSE,
} as const;
const DETAIL = {
  summary: "Publish the raw body",
  description:
    "The body is the payload, Content-Type its content type. Every name of the query may be a " +
    "header instead: `MQTT-QoS`, `MQTT-Retain`, `MQTT-User-Properties`, ….",
  tags: ["messages"],
  requestBody: {
    description: "the payload, of any type",
    content: { "*/*": { schema: {}, example: "21.5" } },
  },
};

/** The routes. Answer `topic_invalid`, `query_invalid`, `header_invalid` and what publishes do. */
export function rawPublishRoute(parts: Omit<PublishParts, "bulkMessagesMax">) {
  const publish = (request: Request, query: RawQuery) => publishRaw(parts, request, query);
  return new Elysia()
    .put(
      `${PREFIX}*`,
      async ({ request, query, set }) => respond(await publish(request, query), set),
      { ...OPTIONS, detail: { operationId: "putTopic", ...DETAIL } },
    )
    .post(
      `${PREFIX}*`,
      async ({ request, query, set }) => respond(await publish(request, query), set),
      { ...OPTIONS, detail: { operationId: "postTopic", ...DETAIL } },
    );
}

async function publishRaw(
  { publish, idempotency }: Omit<PublishParts, "bulkMessagesMax">,
  request: Request,
  query: RawQuery,
): Promise<Parameters<typeof respond>[0]> {
  const topic = readTopicPath(request, PREFIX);
  const caller = callerOf(request);
  caller.check("publish", topic);
  const { message, token } = await readRawMessage(request, topic, query);
  checkPublish(caller, topic, message.properties?.responseTopic);
  const work = async () => {
    const traced = withTraceOf(request, message);
    return toPublishAnswer(await publish(traced, token, () => senderOf(request)));
  };
  // Most requests have no key: nothing is made for them.
  if (!request.headers.has("Idempotency-Key")) return work();
  const content = toContent(message, token);
  return answerJsonOnce<PublishAnswer>(idempotency, request, content, work);
}
