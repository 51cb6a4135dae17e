// The limits of reading and changing retained messages over HTTP. Part of the schema.

import { limit } from "./option-kinds.ts";

const MIB = 1 << 20;
const HOUR_MS = 3_600_000;

export const RETAINED_OPTIONS = {
  retainedReadMessagesMax: limit("retained messages that one request reads from another broker", {
    default: 100_000,
    maximum: 10_000_000,
  }),
  retainedReadBytesMax: limit("payload bytes of the retained messages that one request reads", {
    unit: "bytes",
    default: 64 * MIB,
    minimum: 1024,
    maximum: 4096 * MIB,
  }),
  retainedReadTimeoutMs: limit(
    "how long retained messages are read from another broker for one request",
    { unit: "milliseconds", default: 5_000, minimum: 10, maximum: HOUR_MS },
  ),
  retainedChangesMax: limit("retained messages that one request deletes or puts back", {
    default: 10_000,
    maximum: 1_000_000,
  }),
} as const;
