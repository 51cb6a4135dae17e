// The limits of the embedded broker: whatever its clients can make grow has one. Part of the
// schema.

import { choice, limit } from "./option-kinds.ts";

const EMBEDDED = { group: "Limits of the embedded broker" } as const;
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
/** The largest number of two bytes: packet ids, Receive Maximum, keep alive, topic aliases. */
const TWO_BYTES_MAX = 65_535;

export const EMBEDDED_LIMIT_OPTIONS = {
  connectionsMax: limit("connections to the embedded broker", {
    ...EMBEDDED,
    default: 10_000,
    maximum: 1_000_000,
  }),
  connectionsPerAddressMax: limit("connections to the embedded broker from one address", {
    ...EMBEDDED,
    default: 1000,
    maximum: 1_000_000,
  }),
  connectionOutputBytesMax: limit(
    "bytes that may wait for one slow connection to the embedded broker before it is closed",
    { ...EMBEDDED, unit: "bytes", default: 8 * MIB, minimum: KIB, maximum: GIB },
  ),
  topicLevelsMax: limit("levels of a topic or filter", {
    ...EMBEDDED,
    default: 100,
    maximum: 100,
  }),
  topicBytesMax: limit("longest topic or filter", {
    ...EMBEDDED,
    unit: "bytes",
    default: 4096,
    maximum: TWO_BYTES_MAX,
  }),
  subscriptionsPerClientMax: limit("filters that one client may be subscribed to", {
    ...EMBEDDED,
    default: 10_000,
    maximum: 1_000_000,
  }),
  inflightMessagesMax: limit("messages sent to one client and not yet acknowledged by it", {
    ...EMBEDDED,
    default: 1000,
    maximum: TWO_BYTES_MAX,
  }),
  receiveMax: limit(
    "messages of QoS 1 and 2 of one client that the embedded broker has not acknowledged yet; " +
      "its Receive Maximum of MQTT 5",
    { ...EMBEDDED, default: 1000, maximum: TWO_BYTES_MAX },
  ),
  queueMessagesMax: limit("messages that may wait for one client", {
    ...EMBEDDED,
    default: 100_000,
    maximum: 10_000_000,
  }),
  queueBytesMax: limit(
    "bytes that may wait for one client: payloads, properties, 512 for each message",
    {
      ...EMBEDDED,
      unit: "bytes",
      default: 64 * MIB,
      maximum: 64 * GIB,
    },
  ),
  queueFull: choice(["drop", "disconnect"], {
    ...EMBEDDED,
    description:
      "what happens when no more may wait for a client: drop: later messages are left out and " +
      "counted; disconnect: it is disconnected (0x97, quota exceeded)",
    default: "drop",
  }),
  retainedMessagesMax: limit("retained messages", {
    ...EMBEDDED,
    default: 100_000,
    maximum: 10_000_000,
  }),
  retainedBytesMax: limit("payload bytes of all retained messages", {
    ...EMBEDDED,
    unit: "bytes",
    default: 256 * MIB,
    maximum: 64 * GIB,
  }),
  sessionsMax: limit("sessions that are kept for clients that are away", {
    ...EMBEDDED,
    default: 10_000,
    maximum: 1_000_000,
  }),
  sessionHoursMax: limit("hours for which the session of a client that is away is kept at most", {
    ...EMBEDDED,
    default: 168,
    maximum: 87_600,
  }),
  keepaliveSecondsMax: limit(
    "largest keep alive; a client that asks for more, or for none, is told this one (Server Keep " +
      "Alive of MQTT 5). With 65535 none is fine, too",
    { ...EMBEDDED, unit: "seconds", default: TWO_BYTES_MAX, maximum: TWO_BYTES_MAX },
  ),
  topicAliasesMax: limit("topic aliases of one connection, in each direction; 0: none", {
    ...EMBEDDED,
    default: 10,
    minimum: 0,
    maximum: TWO_BYTES_MAX,
  }),
  clientMessagesPerSecondMax: limit("messages of one client in a second; a faster one is slowed", {
    ...EMBEDDED,
    default: 100_000,
    maximum: 10_000_000,
  }),
} as const;
