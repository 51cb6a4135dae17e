// What the streams of the HTTP side answer on their own account. Part of the catalogue.

import type { ErrorKind } from "./error-kind.ts";

export const STREAM_ERRORS = {
  filter_invalid: {
    message: "'{filter}' is no filter: {reason}",
    hint: "+ stands for one level, # at the end for all that follow; in a URL # is %23, + is %2B",
    httpStatus: 400,
  },
  streams_full: {
    message: "{streamsMax} streams are open, and there may be no more",
    hint: "close some, or raise --streams-max",
    httpStatus: 503,
  },
  caller_streams_full: {
    message: "{streamsMax} streams are open for this token or address, and there may be no more",
    hint: "close some: one stream takes many filters; or raise --streams-per-caller-max",
    httpStatus: 429,
  },
  stream_filters_full: {
    message: "a stream may have {filtersMax} filters at most",
    hint: "use a wider filter, a second stream, or raise --stream-filters-max",
    httpStatus: 400,
  },
  stream_frame_invalid: {
    message: "the frame is not valid: {reason}",
    hint: 'send {"subscribe":["a/#"]} or {"unsubscribe":["a/#"]}',
    httpStatus: 400,
  },
  upgrade_invalid: {
    message: "the request cannot become a WebSocket",
    hint: "connect with a WebSocket client, or ask without Upgrade for server-sent events",
    httpStatus: 400,
  },
  group_unwatchable: {
    message: "messages of the group '{group}' cannot be watched at this broker",
    hint: "use a broker with MQTT 5 that knows subscription identifiers, or leave --group out",
    httpStatus: 503,
  },
} as const satisfies Record<string, ErrorKind>;
