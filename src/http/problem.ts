// Errors as HTTP answers: application/problem+json (RFC 9457), the same shape everywhere.

import type { ErrorCode, ViadutoError } from "../lib/errors.ts";

/** What every error answer of the HTTP side looks like. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened, in one sentence. */
  readonly detail: string;
  /** What to do now. */
  readonly hint: string;
  readonly code: ErrorCode;
  /** JSON pointer (RFC 6901) to the wrong part of what was sent. */
  readonly path?: string | number;
};

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Content Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
/** After which a client may try again when the broker is away (RFC 9110 section 10.2.3). */
const RETRY_AFTER_SECONDS = 5;

/** What a 401 must say of how to come in (RFC 6750 section 3). */
const CHALLENGES: { readonly [Code in ErrorCode]?: string } = {
  token_missing: "Bearer",
  token_wrong: 'Bearer error="invalid_token"',
};

/** The answer that tells an error; with Retry-After when the broker is away. */
export function toProblemResponse(error: ViadutoError): Response {
  const { httpStatus: status, code, message, hint, facts } = error;
  const problem: Problem = {
    type: `urn:viaduto:problem:${code}`,
    title: TITLES[status] ?? "Error",
    status,
    detail: message,
    hint,
    code,
    ...(facts.path !== undefined && { path: facts.path }),
  };
  const headers = new Headers({
    "Content-Type": "application/problem+json",
    // Some of these are made outside the routes, which have it by themselves.
    "X-Content-Type-Options": "nosniff",
  });
  const challenge = CHALLENGES[code];
  if (challenge !== undefined) headers.set("WWW-Authenticate", challenge);
  if (status === 503 || status === 429) headers.set("Retry-After", String(RETRY_AFTER_SECONDS));
  return new Response(JSON.stringify(problem), { status, headers });
}
