// A message as JSON, wherever HTTP shows one. The names are those of POST /publish, so that what is
// shown can be published again.

import { type Static, Type } from "@sinclair/typebox";
import type { RecordedMessage } from "../store/recorded-message.ts";
import type { MessageProperties } from "../topics/message.ts";

const optional = Type.Optional;

export const PROPERTIES_JSON = Type.Object({
  payload_format_indicator: optional(Type.Number()),
  message_expiry_interval: optional(Type.Number({ description: "seconds" })),
  response_topic: optional(Type.String()),
  correlation_data: optional(Type.String()),
  correlation_data_encoding: optional(Type.Literal("base64")),
  content_type: optional(Type.String()),
  user_properties: optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())])),
  ),
});

export const MESSAGE_JSON = Type.Object({
  id: Type.Number({ description: "microseconds since 1970; in the order of the messages" }),
  at: Type.String({ description: "when it passed the bridge, ISO 8601" }),
  topic: Type.String(),
  payload: Type.String({ description: "text where it is UTF-8, else base64" }),
  payload_encoding: Type.Union([Type.Literal("plain"), Type.Literal("base64")]),
  payload_bytes: Type.Number({ description: "of the whole payload" }),
  payload_cut: optional(Type.Literal(true, { description: "`payload` is only the beginning" })),
  qos: Type.Number(),
  retain: Type.Boolean(),
  properties: optional(PROPERTIES_JSON),
});
export type MessageJson = Static<typeof MESSAGE_JSON>;

export type PayloadText = { readonly text: string; readonly encoding: "plain" | "base64" };

export function toMessageJson(message: RecordedMessage): MessageJson {
  const { id, topic, payload, qos, retain, properties, payloadBytes, isCut } = message;
  const { text, encoding } = toPayloadText(payload, isCut);
  return {
    id,
    at: toIso(message.receivedAtMs),
    topic,
    payload: text,
    payload_encoding: encoding,
    payload_bytes: payloadBytes,
    ...(isCut && { payload_cut: true }),
    qos,
    retain,
    ...(properties && { properties: toPropertiesJson(properties) }),
  };
}

/** MQTT 5 properties under EMQX's names. */
export function toPropertiesJson(properties: MessageProperties): Static<typeof PROPERTIES_JSON> {
  const { correlationData, payloadFormatIndicator: indicator } = properties;
  const correlation = correlationData && toPayloadText(correlationData, false);
  const entries = {
    payload_format_indicator: indicator === undefined ? undefined : Number(indicator),
    message_expiry_interval: properties.messageExpiryInterval,
    response_topic: properties.responseTopic,
    correlation_data: correlation?.text,
    correlation_data_encoding: correlation?.encoding === "base64" ? "base64" : undefined,
    content_type: properties.contentType,
    user_properties: properties.userProperties,
  };
  // A schema takes an absent property, but not an undefined one.
  const present = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present);
}

/** Text where it is UTF-8, so that people can read it; of a cut one the last character may be. */
export function toPayloadText(bytes: Buffer, isCut: boolean): PayloadText {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes, { stream: isCut }), encoding: "plain" };
  } catch {
    return { text: bytes.toString("base64"), encoding: "base64" }; // It is no UTF-8.
  }
}

/** A clock that was far off must not make a message that cannot be shown. */
export function toIso(ms: number): string {
  const at = new Date(ms);
  return Number.isNaN(at.getTime()) ? String(ms) : at.toISOString();
}
