// The limits of the bridge: everything that could grow has one. Those of the embedded broker are in
// embedded-limit-options.ts. Part of the schema.

import { limit } from "./option-kinds.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_MS = 3_600_000;

export const LIMIT_OPTIONS = {
  payloadBytesMax: limit("largest payload, in and out", {
    unit: "bytes",
    default: MIB,
    maximum: 256 * MIB,
  }),
  concurrency: limit("handlers that run at once", { default: 256, maximum: 10_000 }),
  inboxMessagesMax: limit(
    "messages taken from the broker and not yet acknowledged; the Receive Maximum of MQTT 5",
    { default: 1000, maximum: 65_535 },
  ),
  outboxMessagesMax: limit("messages that may wait while the broker is away", {
    default: 10_000,
    maximum: 1_000_000,
  }),
  outboxBytesMax: limit("payload bytes that may wait while the broker is away", {
    unit: "bytes",
    default: 64 * MIB,
    maximum: 1024 * MIB,
  }),
  sendWindow: limit("messages sent to the broker and not yet acknowledged", {
    default: 256,
    maximum: 65_535,
  }),
  connectTimeoutMs: limit("how long a connection may take until CONNECT is answered", {
    unit: "milliseconds",
    default: 5000,
    maximum: HOUR_MS,
  }),
  publishTimeoutMs: limit("deadline of a publish over HTTP, and of a library's", {
    unit: "milliseconds",
    default: 10_000,
    maximum: HOUR_MS,
  }),
  stopTimeoutMs: limit("how long running handlers may take to finish when the bridge stops", {
    unit: "milliseconds",
    default: 10_000,
    maximum: HOUR_MS,
  }),
  topicsMax: limit("topics whose last value is kept", { default: 10_000, maximum: 1_000_000 }),
  topicsBytesMax: limit(
    "bytes of all last values: topics, payloads and properties; beyond it those go that were " +
      "silent longest, and a payload longer than an eighth of it is kept cut, and marked so",
    { unit: "bytes", default: 256 * MIB, minimum: 64 * KIB, maximum: 64 * 1024 * MIB },
  ),
  handlerTimeoutMs: limit("how long one run of a handler may take, where it does not say itself", {
    unit: "milliseconds",
    default: 30_000,
    maximum: 24 * HOUR_MS,
  }),
  handlerLoadTimeoutMs: limit("how long one file of the handler folder may take to load", {
    unit: "milliseconds",
    default: 10_000,
    maximum: HOUR_MS,
  }),
  requestTimeoutMs: limit("how long a request waits for its reply, where it does not say itself", {
    unit: "milliseconds",
    default: 5000,
    maximum: HOUR_MS,
  }),
  requestsMax: limit("requests that wait for their reply", { default: 10_000, maximum: 1_000_000 }),
  hopsMax: limit(
    "handlers of this bridge that may publish one after the other, each to the next; " +
      "more is taken for a loop",
    { default: 16, maximum: 10_000 },
  ),
  familyMax: limit(
    "messages to handlers of this bridge that may come of one message, directly or through " +
      "others; more is taken for a loop",
    { default: 10_000, maximum: 10_000_000 },
  ),
  deadLettersMax: limit("dead letters that are kept; beyond it the oldest go", {
    default: 10_000,
    maximum: 10_000_000,
  }),
  deadLetterBytesMax: limit("payload bytes of all dead letters; beyond it the oldest go", {
    unit: "bytes",
    default: 256 * MIB,
    maximum: 64 * 1024 * MIB,
  }),
  deadLetterHoursMax: limit("hours for which a dead letter is kept", {
    default: 720,
    maximum: 87_600,
  }),
} as const;
