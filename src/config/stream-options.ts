// The limits of the streams over HTTP: how many, and what may wait for each. Part of the schema.

import { limit } from "./option-kinds.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

export const STREAM_OPTIONS = {
  streamsMax: limit("streams that are open at once, over SSE and WebSocket", {
    default: 1000,
    maximum: 100_000,
  }),
  streamsPerCallerMax: limit("streams of one token, or of one address where none is asked for", {
    default: 250,
    maximum: 100_000,
  }),
  streamFiltersMax: limit("filters of one stream", { default: 100, maximum: 10_000 }),
  streamMessagesMax: limit(
    "messages that may wait for one slow stream; beyond it only the newest of each topic stay",
    { default: 1000, maximum: 1_000_000 },
  ),
  streamBytesMax: limit(
    "bytes that may wait for one slow stream: 512 for each message, and three times its topic, " +
      "payload and properties",
    { unit: "bytes", default: 4 * MIB, minimum: KIB, maximum: 1024 * MIB },
  ),
  streamResumeMessagesMax: limit(
    "messages of the history that a stream which goes on with Last-Event-ID is sent anew",
    { default: 10_000, maximum: 1_000_000 },
  ),
  streamHeartbeatSeconds: limit("how often a stream without messages sends a sign of life", {
    unit: "seconds",
    default: 15,
    maximum: 3600,
  }),
} as const;
