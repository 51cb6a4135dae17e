// What goes wrong when somebody asks for the stories of messages. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const FLOW_ERRORS = {
  flows_off: {
    message: "this bridge tells no flows",
    hint: "start it with --flows-max 1000, which is the default",
    httpStatus: 404,
  },
  flow_unknown: {
    message: "there is no flow {id}",
    hint: "it may be too old, or its message came too fast: GET /flows lists those that are kept",
    httpStatus: 404,
  },
  flow_waiters_full: {
    message: "no more than {count} may wait for flows at once",
    hint: "ask again later, or raise --flow-waiters-max",
    httpStatus: 503,
  },
} as const satisfies Record<string, ErrorKind>;
