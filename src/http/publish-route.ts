// POST /publish: one message, in the body that EMQX's API takes. Answers when the broker has
// acknowledged it.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import {
  type MessageProperties,
  NO_MATCHING_SUBSCRIBERS,
  type OutgoingMessage,
  type PublishResult,
} from "../topics/message.ts";
import { checkTopic } from "../topics/pattern.ts";
import { problems } from "./route-schemas.ts";

/** Publishes with the deadline of HTTP callers. */
export type PublishMessage = (message: OutgoingMessage, token?: string) => Promise<PublishResult>;

const QOS = Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]);
const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);

/** MQTT 5 properties under EMQX's names. */
const PROPERTIES = Type.Object(
  {
    payload_format_indicator: optional(Type.Union([Type.Literal(0), Type.Literal(1)])),
    message_expiry_interval: optional(Type.Integer({ minimum: 0, maximum: 0xffff_ffff })),
    response_topic: optional(Type.String({ minLength: 1 })),
    correlation_data: optional(Type.String({ description: "text, sent as UTF-8" })),
    content_type: optional(Type.String()),
    user_properties: optional(Type.Record(Type.String(), Type.String())),
  },
  { additionalProperties: false },
);

const BODY = Type.Object(
  {
    topic: Type.String(),
    payload: Type.Unknown({ description: "text; any other JSON value is sent as JSON" }),
    payload_encoding: optional(Type.Union([Type.Literal("plain"), Type.Literal("base64")])),
    qos: optional(QOS),
    retain: optional(Type.Boolean()),
    properties: optional(PROPERTIES),
    token: optional(Type.String({ description: "user property `token` of this publish" })),
    clientid: optional(Type.String({ description: "taken for EMQX's sake, and ignored" })),
  },
  {
    additionalProperties: false,
    examples: [{ topic: "devices/update", payload: { device_id: "sensor-99" }, qos: 1 }],
  },
);
type Body = Static<typeof BODY>;

/** What a publish is answered with, at each route that publishes one message. */
export const PUBLISHED = {
  200: Type.Object(
    { id: Type.String({ description: "of this answer" }) },
    { description: "the broker has it; with QoS 0 it was sent" },
  ),
  202: Type.Object(
    {
      id: Type.String(),
      reason_code: Type.Integer({ description: "of MQTT 5: 16, no matching subscribers" }),
      message: Type.String({ description: "no_matching_subscribers" }),
    },
    { description: "the broker has it, and nobody subscribes" },
  ),
  ...problems(
    "topic_invalid",
    "message_invalid",
    "publish_refused",
    "qos_unsupported",
    "retain_unsupported",
    "packet_too_large",
    "publish_timeout",
    "outbox_full",
    "link_closed",
    "query_invalid",
    "body_invalid",
  ),
};

const PUBLISH = {
  body: BODY,
  // Read as JSON whatever Content-Type says: curl -d says form data.
  parse: "json" as const,
  detail: {
    operationId: "publish",
    summary: "Publish a message",
    description:
      "The body is the one that EMQX's API takes. Answers when the broker has acknowledged it.",
    tags: ["messages"],
  },
  response: PUBLISHED,
};

/** POST /publish. Answers `body_invalid`, `topic_invalid`, and what `publish` rejects with. */
export function publishRoute(publish: PublishMessage) {
  return new Elysia().post(
    "/publish",
    async ({ body }) => toPublishResponse(await publish(toMessage(body), body.token)),
    PUBLISH,
  );
}

/** 200 when it was delivered; 202 when the broker says that nobody subscribes. */
export function toPublishResponse({ reasonCode }: PublishResult): Response {
  const id = crypto.randomUUID();
  if (reasonCode !== NO_MATCHING_SUBSCRIBERS) return Response.json({ id });
  const message = "no_matching_subscribers";
  return Response.json({ id, reason_code: reasonCode, message }, { status: 202 });
}

function toMessage(body: Body): OutgoingMessage {
  checkTopic(body.topic);
  const { properties } = body;
  return {
    topic: body.topic,
    payload: toPayload(body),
    qos: body.qos ?? 0,
    retain: body.retain ?? false,
    ...(properties && { properties: toProperties(properties) }),
  };
}

function toPayload({ payload, payload_encoding }: Body): Buffer {
  if (payload_encoding !== "base64") {
    return Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  }
  const isBase64 = typeof payload === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(payload);
  if (!isBase64 || payload.replace(/=+$/, "").length % 4 === 1) {
    const reason = "/payload: expected base64, as payload_encoding says";
    throw new ViadutoError("body_invalid", { path: "/payload", reason });
  }
  return Buffer.from(payload, "base64");
}

function toProperties(given: Static<typeof PROPERTIES>): MessageProperties {
  const { response_topic: responseTopic, correlation_data: correlation } = given;
  if (responseTopic !== undefined) checkTopic(responseTopic); // [MQTT-3.3.2-14]
  const entries = {
    payloadFormatIndicator:
      given.payload_format_indicator === undefined ? undefined : !!given.payload_format_indicator,
    messageExpiryInterval: given.message_expiry_interval,
    responseTopic,
    correlationData: correlation === undefined ? undefined : Buffer.from(correlation),
    contentType: given.content_type,
    userProperties: given.user_properties,
  };
  // mqtt-packet takes an absent property, but not an undefined one.
  const present = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as MessageProperties;
}
