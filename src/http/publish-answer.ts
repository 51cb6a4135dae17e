// What a publish is answered with, in EMQX's shape. Used by the routes that publish one message.

import { Type } from "@sinclair/typebox";
import type { FlowSender } from "../store/flow.ts";
import {
  NO_MATCHING_SUBSCRIBERS,
  type OutgoingMessage,
  type PublishResult,
} from "../topics/message.ts";
import { problems } from "./route-schemas.ts";

/** Publishes with the deadline of HTTP callers. */
export type PublishMessage = (
  message: OutgoingMessage,
  token?: string,
  toSender?: () => FlowSender | undefined,
) => Promise<PublishResult>;

export const PUBLISHED = Type.Object(
  { id: Type.String({ description: "of this answer, for logs" }) },
  { description: "The broker has it; QoS 0: it was sent." },
);
export const UNHEARD = Type.Object(
  {
    id: Type.String(),
    reason_code: Type.Integer({ description: "16: MQTT 5 reason code 0x10" }),
    message: Type.Literal("no_matching_subscribers"),
  },
  { description: "The broker has it, and says that nobody subscribes." },
);
/** What goes wrong with any message that is sent. */
export const SEND_PROBLEMS = [
  "topic_invalid",
  "message_invalid",
  "publish_refused",
  "topic_refused",
  "payload_refused",
  "publish_too_large",
  "quota_exceeded",
  "identifier_taken",
  "publish_failed",
  "qos_unsupported",
  "retain_unsupported",
  "packet_too_large",
  "publish_timeout",
  "outbox_full",
  "link_closed",
  "query_invalid",
  "body_invalid",
] as const;
export const PUBLISH_RESPONSE = { 200: PUBLISHED, 202: UNHEARD, ...problems(...SEND_PROBLEMS) };

export type PublishAnswer =
  | { readonly status: 200; readonly value: typeof PUBLISHED.static }
  | { readonly status: 202; readonly value: typeof UNHEARD.static };

/** 200 when it was delivered; 202 when the broker says that nobody subscribes. */
export function toPublishAnswer({ reasonCode }: PublishResult): PublishAnswer {
  const id = crypto.randomUUID();
  if (reasonCode !== NO_MATCHING_SUBSCRIBERS) return { status: 200, value: { id } };
  const message = "no_matching_subscribers";
  return { status: 202, value: { id, reason_code: reasonCode, message } };
}
