// What can go wrong with retained messages over HTTP. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const RETAINED_ERRORS = {
  retained_unreadable: {
    message: "the retained messages can not be read: {reason}",
    hint: "GET /broker tells how the connection fares; the broker's log may know more",
    httpStatus: 503,
  },
  retained_busy: {
    message: "retained messages are being read for {readsMax} other requests",
    hint: "try again in a moment",
    httpStatus: 503,
  },
  retained_list_invalid: {
    message: "the list of messages is not valid: {reason}",
    hint: "send what GET /retained gave, as JSON or as NDJSON",
    httpStatus: 400,
  },
  retained_list_too_large: {
    message: "the list has {messages} messages, at most {messagesMax} are allowed",
    hint: "send it in parts, or raise --retained-changes-max",
    httpStatus: 413,
  },
  retained_cut: {
    message: "the payload is cut, and would not be what it was",
    hint: "fetch the message again without ?payload_bytes=",
    httpStatus: 400,
  },
} as const satisfies Record<string, ErrorKind>;
