// A retained message as JSON: the names of POST /publish and of the history, so that what is shown
// can be put back.

import { type Static, Type } from "@sinclair/typebox";
import type { LastValues } from "../store/last-values.ts";
import type { RetainedMessage } from "../topics/retained-message.ts";
import { PROPERTIES_JSON, toIso, toPayloadText, toPropertiesJson } from "./message-json.ts";

const optional = Type.Optional;

export const RETAINED_JSON = Type.Object({
  topic: Type.String(),
  at: optional(
    Type.String({
      description: "when this value passed the bridge last, ISO 8601; absent when it is not known",
    }),
  ),
  payload: Type.String({ description: "text where it is UTF-8, else base64" }),
  payload_encoding: Type.Union([Type.Literal("plain"), Type.Literal("base64")]),
  payload_bytes: Type.Integer({ description: "of the whole payload" }),
  payload_cut: optional(Type.Literal(true, { description: "`payload` is only the beginning" })),
  qos: Type.Integer({ minimum: 0, maximum: 2 }),
  retain: Type.Literal(true),
  properties: optional(PROPERTIES_JSON),
});
export type RetainedJson = Static<typeof RETAINED_JSON>;

export type RetainedJsonParts = {
  readonly values: Pick<LastValues, "get">;
  /** Of a payload, at most. */
  readonly payloadBytesMax: number;
};

export function toRetainedJson(
  message: RetainedMessage,
  { values, payloadBytesMax }: RetainedJsonParts,
): RetainedJson {
  const { topic, payload, qos, properties } = message;
  const isCut = payload.length > payloadBytesMax;
  const { text, encoding } = toPayloadText(payload.subarray(0, payloadBytesMax), isCut);
  const at = findTime(message, values);
  const shown = properties && toPropertiesJson(properties);
  return {
    topic,
    ...(at !== undefined && { at }),
    payload: text,
    payload_encoding: encoding,
    payload_bytes: payload.length,
    ...(isCut && { payload_cut: true }),
    qos,
    retain: true,
    ...(shown && Object.keys(shown).length > 0 && { properties: shown }),
  };
}

// Neither a broker nor MQTT keeps the time: the bridge knows it of what it has seen itself.
function findTime(
  { topic, payload }: RetainedMessage,
  values: Pick<LastValues, "get">,
): string | undefined {
  const value = values.get(topic);
  const isSame = value?.isCut === false && value.payload.equals(payload);
  return isSame ? toIso(value.receivedAtMs) : undefined;
}
