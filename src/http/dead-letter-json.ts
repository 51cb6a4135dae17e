// A dead letter as JSON, over HTTP and for `viaduto dead --json`. The names are those of
// POST /publish, so that a letter can be published by hand as well.

import type { DeadLetter } from "../store/dead-letters.ts";
import type { MessageProperties } from "../topics/message.ts";

export type DeadLetterJson = {
  readonly id: number;
  /** When it was put there, ISO 8601. */
  readonly at: string;
  readonly handler: string;
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly received_at: string;
  readonly code: string;
  readonly reason: string;
  readonly path?: string;
  readonly attempts: number;
  readonly redrives: number;
  /** Of the whole payload. */
  readonly payload_bytes: number;
  readonly payload: string;
  readonly payload_encoding: "plain" | "base64";
  /** There when `payload` is only the beginning. */
  readonly payload_cut?: true;
  /** Only of a letter that is shown whole. */
  readonly stack?: string;
};

type Text = { readonly text: string; readonly encoding: "plain" | "base64" };

/** How many bytes of each payload a list shows. */
export const LISTED_PAYLOAD_BYTES_MAX = 2_048;

/** The letter as a list shows it: its payload may be cut, its stack is left out. */
export function toListedJson(letter: DeadLetter): DeadLetterJson {
  const { message, payloadBytes } = letter;
  const payload = message.payload.subarray(0, LISTED_PAYLOAD_BYTES_MAX);
  const isCut = payload.length < payloadBytes;
  const { text, encoding } = toText(payload, isCut);
  return {
    id: letter.id,
    at: toIso(letter.atMs),
    handler: letter.handler,
    topic: message.topic,
    qos: message.qos,
    retain: message.retain,
    ...(message.properties && { properties: toPropertiesJson(message.properties) }),
    received_at: toIso(message.receivedAtMs),
    code: letter.code,
    reason: letter.reason,
    ...(letter.path !== undefined && { path: letter.path }),
    attempts: letter.attempts,
    redrives: letter.redrives,
    payload_bytes: payloadBytes,
    payload: text,
    payload_encoding: encoding,
    ...(isCut && { payload_cut: true }),
  };
}

/** The letter with all that is known of it. */
export function toWholeJson(letter: DeadLetter): DeadLetterJson {
  const { payload_cut: _, ...listed } = toListedJson(letter);
  const { text, encoding } = toText(letter.message.payload, false);
  const { stack } = letter;
  return {
    ...listed,
    payload: text,
    payload_encoding: encoding,
    ...(stack !== undefined && { stack }),
  };
}

function toPropertiesJson(properties: MessageProperties): Record<string, unknown> {
  const { correlationData, payloadFormatIndicator: indicator } = properties;
  const correlation = correlationData && toText(correlationData, false);
  // JSON leaves out what is undefined.
  return {
    payload_format_indicator: indicator === undefined ? undefined : Number(indicator),
    message_expiry_interval: properties.messageExpiryInterval,
    response_topic: properties.responseTopic,
    correlation_data: correlation?.text,
    correlation_data_encoding: correlation?.encoding === "base64" ? "base64" : undefined,
    content_type: properties.contentType,
    user_properties: properties.userProperties,
  };
}

// Text where it is UTF-8, so that people can read it. Where it is cut, its last character may be.
function toText(bytes: Buffer, isCut: boolean): Text {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes, { stream: isCut }), encoding: "plain" };
  } catch {
    return { text: bytes.toString("base64"), encoding: "base64" }; // It is no UTF-8.
  }
}

// A clock that was far off must not make a letter that cannot be shown.
function toIso(ms: number): string {
  const at = new Date(ms);
  return Number.isNaN(at.getTime()) ? String(ms) : at.toISOString();
}
