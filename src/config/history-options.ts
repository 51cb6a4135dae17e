// What of the messages that pass is kept, and for how long. Part of the schema.

import { choice, limit } from "./option-kinds.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

export const HISTORY_OPTIONS = {
  history: choice(["on", "off"] as const, {
    group: "Files",
    description:
      "record the messages that pass the bridge, for GET /history, and so that last values " +
      "survive a restart",
    environment: ["HISTORY"],
    default: "on",
  }),
  historyBytesMax: limit(
    "disk that recorded messages take; beyond it the oldest go. With --data :memory: it is " +
      "memory, and never more than 64 MiB",
    { unit: "bytes", default: 256 * MIB, minimum: MIB, maximum: 64 * 1024 * MIB },
  ),
  historyHoursMax: limit("hours for which a recorded message is kept", {
    default: 168,
    maximum: 87_600,
  }),
  historyPerTopicMax: limit("recorded messages of one topic; beyond it the oldest go", {
    default: 10_000,
    maximum: 100_000_000,
  }),
  historyPerSecondMax: limit(
    "messages recorded in a second, over time; a burst of four seconds' worth is recorded whole, " +
      "and what is more is counted, so that a flood of messages has the processor",
    { default: 5_000, maximum: 1_000_000 },
  ),
  historyPayloadBytesMax: limit("recorded of a payload; what is longer is cut, and marked so", {
    unit: "bytes",
    default: 64 * KIB,
    maximum: MIB,
  }),
  waitersMax: limit("HTTP requests that wait for a message, with GET /topics/<topic>?wait=", {
    default: 1000,
    maximum: 1_000_000,
  }),
} as const;
