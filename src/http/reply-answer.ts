// The reply to a call as an HTTP answer: its payload as it came, what else it says in headers. Used
// by rpc-route.ts. Pure.

import type { StoredAnswer } from "../store/idempotency.ts";
import type { Message } from "../topics/message.ts";

const PRINTABLE = /^[\x20-\x7e]+$/;
/** Of a device that says how it went, as the user property `status`: a final HTTP status. */
const STATUS = /^[2-5]\d\d$/;
/** These have no body (RFC 9110 section 6.4.1). */
const BODILESS: readonly number[] = [204, 205, 304];
const EMPTY = Buffer.alloc(0);

/** The answer: 200, unless the reply has the user property `status`. */
export function toReplyAnswer({ payload, properties, topic, qos }: Message): StoredAnswer {
  const { contentType, userProperties, messageExpiryInterval } = properties ?? {};
  const headers: Record<string, string> = {
    "MQTT-QoS": String(qos),
    "MQTT-Topic": encodeURI(topic),
    "Cache-Control": "no-store",
    // A payload is a stranger's text: no browser may run it as ours.
    "Content-Security-Policy": "default-src 'none'; sandbox",
  };
  const status = readStatus(userProperties);
  if (!BODILESS.includes(status)) headers["Content-Type"] = readType(contentType, payload);
  if (messageExpiryInterval !== undefined) {
    headers["MQTT-Message-Expiry-Interval"] = String(messageExpiryInterval);
  }
  if (userProperties) {
    headers["MQTT-User-Properties"] = escapeNonAscii(JSON.stringify(userProperties));
  }
  return { status, headers, body: BODILESS.includes(status) ? EMPTY : payload };
}

/** The same as a Response. */
export function toResponse({ status, headers, body }: StoredAnswer): Response {
  const bytes = BODILESS.includes(status) ? null : new Uint8Array(body);
  return new Response(bytes, { status, headers });
}

type UserProperties = NonNullable<Message["properties"]>["userProperties"];

function readStatus(userProperties: UserProperties): number {
  const given = userProperties && Object.hasOwn(userProperties, "status") && userProperties.status;
  return typeof given === "string" && STATUS.test(given) ? Number(given) : 200;
}

// A device may call its payload anything; a header value is printable ASCII.
function readType(contentType: string | undefined, payload: Buffer): string {
  return contentType !== undefined && PRINTABLE.test(contentType)
    ? contentType
    : guessContentType(payload);
}

function guessContentType(payload: Buffer): string {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return "application/json";
  } catch (error) {
    // A SyntaxError comes from JSON.parse: the bytes were text.
    return error instanceof SyntaxError ? "text/plain; charset=utf-8" : "application/octet-stream";
  }
}

// Header values are ASCII; JSON escapes make anything so.
function escapeNonAscii(json: string): string {
  return json.replaceAll(/[\u007f-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
