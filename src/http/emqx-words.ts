// What EMQX's scripts look for in an answer that is an error: its names of error codes, and reason
// codes of MQTT 5. Used by problem.ts and bulk-publish.ts. Pure.

import type { ErrorCode, ViadutoError } from "../lib/errors.ts";

/** Below it, `code` is EMQX's. */
const EMQX_PATH = "/api/v5/";

/** EMQX's names by HTTP status. */
const NAMES: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  401: "BAD_API_KEY_OR_SECRET",
  403: "UNAUTHORIZED_ROLE",
  404: "NOT_FOUND",
  413: "BAD_REQUEST",
  429: "EXCEED_LIMIT",
  500: "INTERNAL_ERROR",
  503: "SERVICE_UNAVAILABLE",
};
const UNSPECIFIED = 0x80;
const IMPLEMENTATION_SPECIFIC = 0x83;

/** For what never reached a broker: the code that a broker would have said (section 3.4.2.1). */
const REASON_CODES: { readonly [Code in ErrorCode]?: number } = {
  topic_invalid: 0x90,
  body_invalid: 0x99,
  message_invalid: 0x99,
  payload_too_large: 0x95,
  packet_too_large: 0x95,
  publish_timeout: IMPLEMENTATION_SPECIFIC,
  outbox_full: 0x97,
  link_closed: IMPLEMENTATION_SPECIFIC,
};

/** The broker's own reason code, or the one that says the same. */
export function toReasonCode({ code, facts }: ViadutoError): number {
  const { reasonCode } = facts;
  return typeof reasonCode === "number" ? reasonCode : (REASON_CODES[code] ?? UNSPECIFIED);
}

/** Members that an error has beside our own, for scripts that were written for EMQX. */
export function toEmqxMembers(error: ViadutoError, request: Request | undefined): object {
  const { httpStatus, message, facts } = error;
  // Whether a broker said no, and with what, is told everywhere.
  const reason = facts.reasonCode === undefined ? {} : { reason_code: facts.reasonCode };
  if (!URL.parse(request?.url ?? "")?.pathname.startsWith(EMQX_PATH)) return reason;
  const code = NAMES[httpStatus] ?? (httpStatus >= 500 ? "INTERNAL_ERROR" : "BAD_REQUEST");
  return { code, message, reason_code: toReasonCode(error) };
}
