// Errors as HTTP answers: application/problem+json (RFC 9457), the same shape everywhere.

import type { ErrorCode, ViadutoError } from "../lib/errors.ts";
import { toEmqxMembers } from "./emqx-words.ts";

/** What every error answer of the HTTP side looks like. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened, in one sentence. */
  readonly detail: string;
  /** What to do now. */
  readonly hint: string;
  /** Below /api/v5 EMQX's name; `type` has ours everywhere. */
  readonly code: ErrorCode | string;
  /** Of MQTT 5, where the broker said no. */
  readonly reason_code?: number;
  /** JSON pointer (RFC 6901) to the wrong part of what was sent. */
  readonly path?: string | number;
};

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  414: "URI Too Long",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  499: "Client Closed Request",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
/** After which a client may try again (RFC 9110 section 10.2.3), by status. */
const RETRY_AFTER_SECONDS: Readonly<Record<number, number>> = { 429: 1, 503: 5 };

/** What a refusal must say of how to come in (RFC 6750 section 3). */
const CHALLENGES: { readonly [Code in ErrorCode]?: string } = {
  token_missing: "Bearer",
  token_wrong: 'Bearer error="invalid_token"',
  scope_missing: 'Bearer error="insufficient_scope"',
};

/**
 * The answer that tells an error; with Retry-After when it is worth a try. The request decides
 * whether it is told to a script that was written for EMQX.
 */
export function toProblemResponse(error: ViadutoError, request?: Request): Response {
  const { httpStatus: status, code, message, hint, facts } = error;
  const problem: Problem = {
    type: `urn:viaduto:problem:${code}`,
    title: TITLES[status] ?? "Error",
    status,
    detail: message,
    hint,
    code,
    ...(facts.path !== undefined && { path: facts.path }),
    ...toEmqxMembers(error, request),
  };
  const headers = new Headers({
    "Content-Type": "application/problem+json",
    // Some of these are made outside the routes, which have it by themselves.
    "X-Content-Type-Options": "nosniff",
  });
  const challenge = CHALLENGES[code];
  if (challenge !== undefined) headers.set("WWW-Authenticate", challenge);
  // [RFC 9110 section 15.5.6]
  if (code === "method_not_allowed") headers.set("Allow", String(facts.allowed));
  const retryAfterSeconds = code === "tokens_guessed" ? 60 : RETRY_AFTER_SECONDS[status];
  if (retryAfterSeconds !== undefined) headers.set("Retry-After", String(retryAfterSeconds));
  return new Response(JSON.stringify(problem), { status, headers });
}
