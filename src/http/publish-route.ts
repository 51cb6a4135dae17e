// POST /publish and /publish/bulk: messages in the body that EMQX's API takes, and the same below
// /api/v5, so that scripts written for EMQX work. Answers when the broker has acknowledged.

import { Type } from "@sinclair/typebox";
import { Elysia, status } from "elysia";
import type { Idempotency } from "../store/idempotency.ts";
import { BULK_RESULTS, publishBulk } from "./bulk-publish.ts";
import { callerOf } from "./caller.ts";
import { senderOf, withTraceOf } from "./exchange.ts";
import { answerJsonOnce, REPLAYED } from "./idempotent.ts";
import { MESSAGE_BODY, type MessageBody, toOutgoingMessage } from "./message-body.ts";
import {
  PUBLISH_RESPONSE,
  type PublishAnswer,
  type PublishMessage,
  toPublishAnswer,
} from "./publish-answer.ts";
import { checkPublish } from "./publish-rights.ts";

export type PublishParts = {
  readonly publish: PublishMessage;
  readonly idempotency: Idempotency;
  /** Messages of one bulk, at most. */
  readonly bulkMessagesMax: number;
};

/** Some names in EMQX's own API: `/api/v5/publish`. */
const EMQX = "/api/v5";
const BULK = Type.Array(MESSAGE_BODY, {
  examples: [
    [
      { topic: "rooms/attic", payload: "21.5" },
      { topic: "rooms/cellar", payload: "12" },
    ],
  ],
});
const BULK_RESPONSE = {
  200: BULK_RESULTS,
  202: BULK_RESULTS,
  400: BULK_RESULTS,
  503: BULK_RESULTS,
} as const;

// Read as JSON whatever Content-Type says: curl -d says form data.
const ONE = { body: MESSAGE_BODY, parse: "json", response: PUBLISH_RESPONSE } as const;
const MANY = { body: BULK, parse: "json", response: BULK_RESPONSE } as const;
const ONE_DETAIL = {
  summary: "Publish a message",
  description:
    "Answers when the broker has acknowledged it (QoS 0: when it was sent). With an " +
    "`Idempotency-Key` the same request is answered again, and published once.",
  tags: ["messages"],
};
const MANY_DETAIL = {
  summary: "Publish several messages",
  description:
    "All are tried, in order; the answer has one result for each, in the same order. 202 when " +
    "nobody subscribes to one of them, 400 or 503 when one of them was not taken.",
  tags: ["messages"],
};

/**
 * The routes. Answer `body_invalid`, `topic_invalid`, `bulk_too_large`, what `publish` rejects with
 * and what goes wrong with an Idempotency-Key.
 */
export function publishRoute(parts: PublishParts) {
  const one = (request: Request, body: MessageBody) => publishOne(parts, request, body);
  const many = (request: Request, bodies: readonly MessageBody[]) => {
    return publishBulk(parts, request, bodies);
  };
  return new Elysia()
    .post("/publish", async ({ body, request, set }) => respond(await one(request, body), set), {
      ...ONE,
      detail: { operationId: "publish", ...ONE_DETAIL },
    })
    .post(
      `${EMQX}/publish`,
      async ({ body, request, set }) => respond(await one(request, body), set),
      { ...ONE, detail: { operationId: "publishAsEmqx", ...ONE_DETAIL } },
    )
    .post(
      "/publish/bulk",
      async ({ body, request, set }) => {
        const answer = await many(request, body);
        markReplayed(answer, set);
        return status(answer.status, answer.value);
      },
      { ...MANY, detail: { operationId: "publishBulk", ...MANY_DETAIL } },
    )
    .post(
      `${EMQX}/publish/bulk`,
      async ({ body, request, set }) => {
        const answer = await many(request, body);
        markReplayed(answer, set);
        return status(answer.status, answer.value);
      },
      { ...MANY, detail: { operationId: "publishBulkAsEmqx", ...MANY_DETAIL } },
    );
}

function publishOne(
  { publish, idempotency }: PublishParts,
  request: Request,
  body: MessageBody,
): Promise<PublishAnswer & Replayed> {
  checkPublish(callerOf(request), body.topic, body.properties?.response_topic);
  const message = withTraceOf(request, toOutgoingMessage(body));
  return answerJsonOnce<PublishAnswer>(idempotency, request, body, async () => {
    return toPublishAnswer(await publish(message, body.token, () => senderOf(request)));
  });
}

type Replayed = { readonly isReplayed?: true };
type Set = { headers: Record<string, string | number> };

/** The answer as Elysia takes it. */
export function respond(answer: PublishAnswer & Replayed, set: Set) {
  markReplayed(answer, set);
  return answer.status === 202 ? status(202, answer.value) : answer.value;
}

function markReplayed({ isReplayed }: Replayed, set: Set): void {
  if (isReplayed) Object.assign(set.headers, REPLAYED);
}
