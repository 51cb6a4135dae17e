// What can be wrong with publishing and calling over HTTP: keys that make a request safe to repeat,
// bulks, and calls whose answer is fetched later. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const CALL_ERRORS = {
  idempotency_key_invalid: {
    message: "the Idempotency-Key is not valid: {reason}",
    hint: "a new one for each message, such as a UUID; in quotes or without",
    httpStatus: 400,
  },
  idempotency_key_reused: {
    message: "the Idempotency-Key '{key}' was used for another request",
    hint: "a key stands for one request with one body; take a new one",
    httpStatus: 422,
  },
  idempotency_under_way: {
    message: "the first request with the Idempotency-Key '{key}' is under way",
    hint: "ask again when it is answered, with the same key",
    httpStatus: 409,
  },
  bulk_too_large: {
    message: "the list has {messages} messages, at most {messagesMax} are allowed",
    hint: "send several lists, or raise --bulk-messages-max",
    httpStatus: 413,
  },
  header_invalid: {
    message: "the header {name} is not valid: {reason}",
    hint: "the manual's section on HTTP says what each header may be",
    httpStatus: 400,
  },
  broker_away: {
    message: "nobody could be asked on '{topic}': the broker was away for {timeoutMs} ms",
    hint: "try again later; GET /ready tells when the broker is back",
    httpStatus: 503,
  },
  request_abandoned: {
    message: "whoever asked on '{topic}' has left before the reply",
    hint: "wait longer, or send Prefer: respond-async and fetch the answer later",
    httpStatus: 499,
  },
  results_full: {
    message:
      "{waiting} calls are under way whose answers are to be fetched later, no more are taken",
    hint: "try again later; the limit is --call-results-max",
    httpStatus: 503,
  },
  result_unknown: {
    message: "there is no result {id}",
    hint: "it was never there, or its time is over: see --call-result-age",
    httpStatus: 404,
  },
} as const satisfies Record<string, ErrorKind>;
