// The reply to a call as an HTTP answer: its payload as it came, what else it says in headers. Used
// by rpc-route.ts. Pure.

import type { StoredAnswer } from "../store/idempotency.ts";
import type { Message } from "../topics/message.ts";
import {
  guessContentType,
  SANDBOX,
  toAscii,
  toContentTypeHeader,
  toMqttHeaders,
} from "./payload-headers.ts";

/** Of a device that says how it went, as the user property `status`: a final HTTP status. */
const STATUS = /^[2-5]\d\d$/;
/** These have no body (RFC 9110 section 6.4.1). */
const BODILESS: readonly number[] = [204, 205, 304];
const EMPTY = Buffer.alloc(0);

/** The answer: 200, unless the reply has the user property `status`. */
export function toReplyAnswer({ payload, properties, topic, qos }: Message): StoredAnswer {
  const { contentType, userProperties, messageExpiryInterval } = properties ?? {};
  const headers: Record<string, string> = {
    ...toMqttHeaders({
      QoS: String(qos),
      Topic: encodeURI(topic),
      "Message-Expiry-Interval": messageExpiryInterval?.toString(),
      "User-Properties": userProperties && toAscii(JSON.stringify(userProperties)),
    }),
    "Cache-Control": "no-store",
    "Content-Security-Policy": SANDBOX,
  };
  const status = readStatus(userProperties);
  if (!BODILESS.includes(status)) {
    headers["Content-Type"] = toContentTypeHeader(contentType) ?? guessContentType(payload);
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
