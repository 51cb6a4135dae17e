// What a broker's answer to a publish means when it is a failure: the one table of reason codes and
// errors; the catalogue has each error's HTTP status. Called by outbox.ts.

import { type ErrorCode, ViadutoError } from "../lib/errors.ts";
import { toReasonWords } from "./failure.ts";

/** Reason codes from here on are failures (MQTT 5 section 2.4). */
export const FAILURE_MIN = 0x80;

/**
 * Of PUBACK (MQTT 5 section 3.4.2.1), PUBREC (3.5.2.1) and PUBCOMP (3.7.2.1). 0x95 stands in none
 * of them, but there are brokers that answer with it. What is not here is `publish_failed`.
 */
const ERROR_CODES: Readonly<Record<number, ErrorCode>> = {
  128: "publish_failed", // Unspecified error: 502.
  131: "publish_failed", // Implementation specific error: 502.
  135: "publish_refused", // Not authorized: 403.
  144: "topic_refused", // Topic Name invalid: 400.
  145: "identifier_taken", // Packet identifier in use: 503.
  146: "publish_failed", // Packet Identifier not found: 502.
  149: "publish_too_large", // Packet too large: 413.
  151: "quota_exceeded", // Quota exceeded: 429.
  153: "payload_refused", // Payload format invalid: 400.
};

/** The error for a publish that the broker did not take. */
export function toPublishFailure(topic: string, reasonCode: number): ViadutoError {
  const code = ERROR_CODES[reasonCode] ?? "publish_failed";
  return new ViadutoError(code, { topic, reason: toReasonWords(reasonCode), reasonCode });
}
