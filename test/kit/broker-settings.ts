// What the embedded broker is opened with in tests: free ports, and limits that few tests meet.

import type { BrokerOptions } from "../../src/broker/broker.ts";
import type { BrokerLimits } from "../../src/broker/limits.ts";
import { createLogger } from "../../src/lib/log.ts";
import { openBrokerStore } from "../../src/store/broker-store.ts";

export const TEST_LIMITS: BrokerLimits = {
  packetBytesMax: 1 << 20,
  connectionsMax: 1_000,
  connectionsPerAddressMax: 1_000,
  outputBytesMax: 8 << 20,
  connectTimeoutMs: 10_000,
  topicLevelsMax: 100,
  topicBytesMax: 65_535,
  subscriptionsPerClientMax: 20_000,
  inflightMessagesMax: 1_000,
  receiveMax: 1_000,
  queueMessagesMax: 10_000,
  queueBytesMax: 64 << 20,
  queueFull: "drop",
  retainedMessagesMax: 100_000,
  retainedBytesMax: 256 << 20,
  sessionsMax: 10_000,
  sessionHoursMax: 168,
  keepaliveSecondsMax: 65_535,
  topicAliasesMax: 10,
  clientMessagesPerSecondMax: 1_000_000,
};

/** Where listeners listen, and what they need beside. */
export const LISTENING = {
  host: "127.0.0.1",
  mqttPort: 0,
  wsPort: 0,
  packetBytesMax: TEST_LIMITS.packetBytesMax,
  connectionsMax: TEST_LIMITS.connectionsMax,
} as const;

/** Options of the broker, its limits beside them. */
export type BrokerTestOptions = Partial<BrokerOptions & BrokerLimits>;

/** Whole options; the messages are kept in memory alone when no store is given. */
export function toTestOptions(
  options: BrokerTestOptions & Pick<BrokerOptions, "log">,
): BrokerOptions {
  const { log } = options;
  const names = Object.keys(TEST_LIMITS) as (keyof BrokerLimits)[];
  const given = names.filter((name) => options[name] !== undefined);
  return {
    host: "127.0.0.1",
    mqttPort: 0,
    wsPort: 0,
    sysIntervalSeconds: 0,
    isDenialTold: true,
    room: () => undefined,
    onPublish: () => {},
    store: openBrokerStore({ folder: ":memory:", durability: "off", log }),
    ...options,
    limits: {
      ...TEST_LIMITS,
      ...Object.fromEntries(given.map((name) => [name, options[name]])),
      ...options.limits,
    },
  };
}

/** A log that nobody reads. */
export const SILENT = createLogger({
  name: "Broker",
  level: "error",
  format: "text",
  colour: false,
  writer: { write() {}, flush: async () => {} },
});
