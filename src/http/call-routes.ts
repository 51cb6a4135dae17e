// Everything over HTTP that sends a message: publishes and calls. Put together for routes.ts.

import { Elysia } from "elysia";
import type { LinkRequestOptions } from "../link/requests.ts";
import type { LinkState } from "../link/state.ts";
import type { FlowSender } from "../store/flow.ts";
import type { Idempotency } from "../store/idempotency.ts";
import type { Message, OutgoingMessage } from "../topics/message.ts";
import { createCallResults } from "./call-results.ts";
import type { HandlersReport } from "./handlers-route.ts";
import type { PublishMessage } from "./publish-answer.ts";
import { publishRoute } from "./publish-route.ts";
import { rawPublishRoute } from "./raw-publish-route.ts";
import { checkReply } from "./reply-check.ts";
import { rpcRoute } from "./rpc-route.ts";

export type AskMessage = (
  message: OutgoingMessage,
  options: LinkRequestOptions,
  toSender?: () => FlowSender | undefined,
) => Promise<Message>;

/** Those of the options. */
export type CallLimits = {
  readonly payloadBytesMax: number;
  readonly bulkMessagesMax: number;
  readonly requestTimeoutMs: number;
  readonly callTimeoutMsMax: number;
  readonly callResultsMax: number;
  readonly callResultBytesMax: number;
  readonly callResultAgeSeconds: number;
};

export type CallParts = {
  readonly publish: PublishMessage;
  readonly request: AskMessage;
  readonly idempotency: Idempotency;
  readonly callLimits: CallLimits;
  readonly getState: () => LinkState;
  readonly getHandlers: () => HandlersReport;
};

/** The routes. */
export function callRoutes(parts: CallParts) {
  const { publish, request, idempotency, callLimits: limits, getState, getHandlers } = parts;
  const results = createCallResults({
    resultsMax: limits.callResultsMax,
    bytesMax: limits.callResultBytesMax,
    ageMsMax: limits.callResultAgeSeconds * 1_000,
  });
  return new Elysia()
    .use(publishRoute({ publish, idempotency, bulkMessagesMax: limits.bulkMessagesMax }))
    .use(rawPublishRoute({ publish, idempotency }))
    .use(
      rpcRoute({
        request,
        checkReply(topic, reply) {
          const topics = getHandlers().workers.map(({ named }) => named.handler.topic);
          checkReply(topics, limits.payloadBytesMax, topic, reply);
        },
        getState,
        idempotency,
        results,
        timeoutMs: limits.requestTimeoutMs,
        timeoutMsMax: limits.callTimeoutMsMax,
      }),
    );
}
