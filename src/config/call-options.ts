// The limits of publishing and calling over HTTP: what a caller can make the bridge keep. Part of
// the schema.

import { limit } from "./option-kinds.ts";

const MIB = 1 << 20;
const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;

export const CALL_OPTIONS = {
  bulkMessagesMax: limit("messages of one POST /publish/bulk", {
    default: 10_000,
    maximum: 1_000_000,
  }),
  idempotencyHoursMax: limit("hours for which an Idempotency-Key is remembered", {
    default: 24,
    maximum: 8_760,
  }),
  idempotencyKeysMax: limit("Idempotency-Keys that are remembered; beyond it the oldest go", {
    default: 100_000,
    maximum: 10_000_000,
  }),
  idempotencyBytesMax: limit(
    "bytes of all answers that are remembered with Idempotency-Keys; beyond it the oldest go",
    { unit: "bytes", default: 64 * MIB, maximum: 64 * 1024 * MIB },
  ),
  callTimeoutMsMax: limit("longest ?timeout= of POST /rpc", {
    unit: "milliseconds",
    default: 300_000,
    maximum: 24 * HOUR_MS,
  }),
  callResultsMax: limit(
    "calls with Prefer: respond-async that run or whose answers are kept; beyond it the oldest " +
      "answers go",
    { default: 1_000, maximum: 1_000_000 },
  ),
  callResultBytesMax: limit("payload bytes of all answers that are kept to be fetched later", {
    unit: "bytes",
    default: 64 * MIB,
    maximum: 1024 * MIB,
  }),
  callResultAgeSeconds: limit("how long an answer is kept to be fetched later", {
    unit: "seconds",
    default: 600,
    maximum: DAY_SECONDS,
  }),
} as const;
