// Errors of last values and of the history. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const VALUE_ERRORS = {
  history_off: {
    message: "this bridge records no history",
    hint: "start it with --history on, which is the default",
    httpStatus: 404,
  },
  history_unavailable: {
    message: "the history cannot be read: {reason}",
    hint: "see the log; the bridge works without it",
    httpStatus: 503,
  },
  history_busy: {
    message: "too many requests look through the history at once",
    hint: "ask again in a moment, or for less: ?since= makes a search short",
    httpStatus: 503,
  },
  waiters_full: {
    message: "no more than {count} may wait for a message at once",
    hint: "ask again later, or raise --waiters-max",
    httpStatus: 503,
  },
} as const satisfies Record<string, ErrorKind>;
