// The last value of a topic as an answer: the payload as it came, and in headers all else that is
// known of the message. Nothing that a stranger has sent may break out of a header.

import type { LastValue } from "../store/last-values.ts";
import type { MessageProperties } from "../topics/message.ts";
import {
  guessContentType,
  isPrintable,
  SANDBOX,
  toAscii,
  toContentTypeHeader,
  toMqttHeaders,
} from "./payload-headers.ts";

/** 200 with the payload, or 304 when the request has this value already. */
export function toValueResponse(value: LastValue, request: Request): Response {
  const headers = toHeaders(value);
  if (isKnown(value, request)) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(value.payload), { headers });
}

/** The tag of a value: the id of its message, so that it is the same after a restart. */
export function toEntityTag({ id }: Pick<LastValue, "id">): string {
  return `"${id}"`;
}

/** Whether If-None-Match names this value, or, without it, If-Modified-Since this time. */
export function isKnown(value: LastValue, { headers }: Request): boolean {
  const tags = headers.get("If-None-Match");
  if (tags !== null) return hasTag(tags, value);
  const since = Date.parse(headers.get("If-Modified-Since") ?? "");
  // Last-Modified has whole seconds.
  return Math.floor(value.receivedAtMs / 1000) * 1000 <= since;
}

// The weak comparison of RFC 9110 section 13.1.2.
function hasTag(tags: string, value: LastValue): boolean {
  if (tags.trim() === "*") return true;
  return tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === toEntityTag(value));
}

function toHeaders(value: LastValue): Headers {
  const { payload, receivedAtMs, isCut, payloadBytes, properties = {} } = value;
  const headers = new Headers({
    "Content-Type": toContentTypeHeader(properties.contentType) ?? guessContentType(payload, isCut),
    "Last-Modified": new Date(receivedAtMs).toUTCString(),
    ETag: toEntityTag(value),
    "Cache-Control": "no-cache",
    "MQTT-QoS": String(value.qos),
    "MQTT-Retain": String(value.retain),
    "Content-Security-Policy": SANDBOX,
  });
  if (isCut) {
    headers.set("MQTT-Payload-Cut", "true");
    headers.set("MQTT-Payload-Bytes", String(payloadBytes));
  }
  for (const [name, text] of Object.entries(toMqttHeaders(toPropertyTexts(properties)))) {
    headers.set(name, text);
  }
  return headers;
}

// Each as ASCII without control characters.
function toPropertyTexts(properties: MessageProperties): Record<string, string | undefined> {
  const { payloadFormatIndicator, messageExpiryInterval, responseTopic } = properties;
  const { correlationData, contentType, userProperties } = properties;
  const isOdd = contentType !== undefined && !isPrintable(contentType);
  return {
    "Payload-Format-Indicator":
      payloadFormatIndicator === undefined ? undefined : String(Number(payloadFormatIndicator)),
    "Message-Expiry-Interval": messageExpiryInterval?.toString(),
    "Response-Topic": responseTopic && encodeURI(responseTopic.toWellFormed()),
    "Correlation-Data": correlationData?.toString("base64"),
    "Correlation-Data-Encoding": correlationData && "base64",
    "Content-Type": isOdd ? toAscii(JSON.stringify(contentType)) : undefined,
    "User-Properties": userProperties && toAscii(JSON.stringify(userProperties)),
  };
}
