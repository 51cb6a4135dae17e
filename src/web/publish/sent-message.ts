// A draft as the bridge takes it: the body of POST /publish, or path and query of POST /rpc. Pure.

import type { Draft } from "./publish-draft.ts";

export type PublishBody = {
  readonly topic: string;
  readonly payload: string;
  readonly payload_encoding?: "base64";
  readonly qos: number;
  readonly retain: boolean;
  readonly properties?: SentProperties;
};
type SentProperties = {
  readonly payload_format_indicator?: 1;
  readonly message_expiry_interval?: number;
  readonly response_topic?: string;
  readonly correlation_data?: string;
  readonly correlation_data_encoding?: "base64";
  readonly content_type?: string;
  readonly user_properties?: Draft["userProperties"];
};

const MS_PER_SECOND = 1_000;

/** The payload goes as it was written, and is not made JSON anew. */
export function toPublishBody(message: Draft, topic: string): PublishBody {
  const { text, encoding, qos, isRetained: retain, responseTopic } = message;
  const properties: SentProperties = {
    ...toSentProperties(message),
    ...(responseTopic !== "" && { response_topic: responseTopic }),
  };
  const isBytes = encoding === "base64";
  return {
    topic,
    payload: isBytes ? withoutSpace(text) : text,
    ...(isBytes && { payload_encoding: "base64" as const }),
    qos,
    retain,
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

/** Where to ask, beside the page. */
export function toAskingPath(message: Draft, topic: string): string {
  const { qos, responseTopic } = message;
  const { user_properties: pairs, ...properties } = toSentProperties(message);
  const query = new URLSearchParams({ qos: String(qos), timeout: `${toTimeoutMs(message)}ms` });
  for (const [name, value] of Object.entries(properties)) query.set(name, String(value));
  if (pairs) query.set("user_properties", JSON.stringify(pairs));
  if (responseTopic !== "") query.set("reply_topic", responseTopic);
  const levels = topic.split("/").map(encodeURIComponent);
  return `rpc/${levels.join("/")}?${query}`;
}

export function toTimeoutMs({ timeoutSeconds }: Draft): number {
  return Math.max(1, Math.round(Number(timeoutSeconds) * MS_PER_SECOND));
}

/** The payload of a draft without problems. */
export function toBytes({ text, encoding }: Draft): Uint8Array<ArrayBuffer> {
  if (encoding !== "base64") return new TextEncoder().encode(text);
  return Uint8Array.from(atob(withoutSpace(text)), (character) => character.charCodeAt(0));
}

function toSentProperties(message: Draft): SentProperties {
  const { contentType, expirySeconds, correlation, isCorrelationBase64, isUtf8 } = message;
  const pairs = message.userProperties.filter(([name, value]) => name !== "" || value !== "");
  return {
    ...(isUtf8 && { payload_format_indicator: 1 as const }),
    ...(expirySeconds !== "" && { message_expiry_interval: Number(expirySeconds) }),
    ...(contentType !== "" && { content_type: contentType }),
    ...(correlation !== "" && { correlation_data: correlation }),
    ...(correlation !== "" &&
      isCorrelationBase64 && { correlation_data_encoding: "base64" as const }),
    ...(pairs.length > 0 && { user_properties: pairs }),
  };
}

function withoutSpace(text: string): string {
  return text.replaceAll(/\s/g, "");
}
