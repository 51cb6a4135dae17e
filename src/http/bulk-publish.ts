// Many messages of one request: all are tried, in order, and each has its own result, in EMQX's
// shape. Called by publish-route.ts.

import { type Static, Type } from "@sinclair/typebox";
import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import { callerOf } from "./caller.ts";
import { toReasonCode } from "./emqx-words.ts";
import { senderOf, withTraceOf } from "./exchange.ts";
import { answerJsonOnce } from "./idempotent.ts";
import { type MessageBody, toOutgoingMessage } from "./message-body.ts";
import { toPublishAnswer } from "./publish-answer.ts";
import { checkPublish } from "./publish-rights.ts";
import type { PublishParts } from "./publish-route.ts";

const BULK_RESULT = Type.Object({
  id: Type.Optional(Type.String({ description: "there when the broker has it" })),
  reason_code: Type.Optional(Type.Integer({ description: "of MQTT 5, unless it is success" })),
  message: Type.Optional(Type.String({ description: "the reason in words" })),
  code: Type.Optional(Type.String({ description: "of the error, as in an answer that is one" })),
});
/** One for each message, in their order. */
export const BULK_RESULTS = Type.Array(BULK_RESULT);
type BulkResult = Static<typeof BULK_RESULT>;

export type BulkAnswer = {
  readonly status: 200 | 202 | 400 | 503;
  readonly value: BulkResult[];
};
type Tried = { readonly status: number; readonly result: BulkResult };

/**
 * The results. A repetition under the same Idempotency-Key publishes only what failed before.
 * Rejects with `bulk_too_large`, and when the caller may not publish one of them: then nothing was.
 */
export async function publishBulk(
  { publish, idempotency, bulkMessagesMax: messagesMax }: PublishParts,
  request: Request,
  bodies: readonly MessageBody[],
): Promise<BulkAnswer & { readonly isReplayed?: true }> {
  const messages = bodies.length;
  if (messages > messagesMax) throw new ViadutoError("bulk_too_large", { messages, messagesMax });
  const caller = callerOf(request);
  for (const { topic, properties } of bodies) {
    checkPublish(caller, topic, properties?.response_topic);
  }
  const publishOne = async (body: MessageBody, earlier: BulkResult | undefined): Promise<Tried> => {
    if (earlier?.id !== undefined) return toTried(earlier);
    try {
      const message = withTraceOf(request, toOutgoingMessage(body));
      const result = await publish(message, body.token, () => senderOf(request));
      const { status, value } = toPublishAnswer(result);
      return { status, result: value };
    } catch (thrown) {
      const error = toViadutoError(thrown);
      const { httpStatus: status, code, message } = error;
      return { status, result: { reason_code: toReasonCode(error), message, code } };
    }
  };
  return answerJsonOnce<BulkAnswer>(idempotency, request, bodies, async (earlier) => {
    // They leave in this order without waiting for each other.
    const tried = await Promise.all(bodies.map((body, at) => publishOne(body, earlier?.value[at])));
    return { status: toStatus(tried), value: tried.map(({ result }) => result) };
  });
}

function toTried(result: BulkResult): Tried {
  return { status: result.reason_code === undefined ? 200 : 202, result };
}

// The worst tells, as EMQX has it.
function toStatus(tried: readonly Tried[]): BulkAnswer["status"] {
  const worst = Math.max(200, ...new Set(tried.map(({ status }) => status)));
  if (worst >= 500 || worst === 429) return 503;
  if (worst >= 400) return 400;
  return worst === 202 ? 202 : 200;
}
