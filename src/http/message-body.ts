// A message as JSON: the body that EMQX's API takes, and what it stands for. Used by the routes
// that publish one or many. Pure.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import type { OutgoingMessage } from "../topics/message.ts";
import { checkTopic } from "../topics/pattern.ts";
import { parseBase64 } from "./base64.ts";
import { PROPERTIES, toSentProperties } from "./message-properties.ts";

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);
const QOS = Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]);

export const MESSAGE_BODY = Type.Object(
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
export type MessageBody = Static<typeof MESSAGE_BODY>;

/** The message. Throws `topic_invalid`, `body_invalid`. */
export function toOutgoingMessage(body: MessageBody): OutgoingMessage {
  const { topic, qos = 0, retain = false, properties } = body;
  checkTopic(topic);
  return { topic, payload: toPayload(body), qos, retain, ...toSentProperties(properties) };
}

function toPayload({ payload, payload_encoding }: MessageBody): Buffer {
  if (payload_encoding === "base64") return parseBase64(payload, "payload");
  return Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
}
