// Reads the retained messages of an external broker, over a connection of its own that ends with
// it: the shared client is not disturbed, and no handler and no watcher sees what comes. Called by
// app/retained-reading.ts. It publishes nothing.
//
// MQTT does not say which retained message was the last. The end is guessed: nothing has come for a
// while. A broker's queue for QoS 1 and 2 is limited (Mosquitto's to 1,000), and what has no room
// in it is left out without a word; of QoS 0 nothing waits in it, but there the real QoS is lost.
// So it is asked with QoS 2, when that brings much with QoS 0 as well, and for what was left out
// once more, few at a time.

import { ViadutoError } from "../lib/errors.ts";
import type { QoS } from "../topics/message.ts";
import { Connection } from "./connection.ts";
import { toReasonWords } from "./failure.ts";
import { PacketIdentifiers } from "./packet-identifiers.ts";
import { createCollector, type RetainedCollector, type ScanLimits } from "./retained-collector.ts";
import type { MqttVersion } from "./state.ts";
import type { Target } from "./target.ts";

export type ScanOptions = ScanLimits & {
  readonly target: Target;
  readonly version: MqttVersion;
  readonly timeoutMs: number;
  /** Largest packet that the broker may send, bytes. */
  readonly packetBytesMax: number;
};

export type Scan = Pick<RetainedCollector, "messages"> & {
  /** "quiet": nothing more came; else the limit that was reached first. */
  readonly end: "quiet" | "messages" | "bytes" | "time";
};

/** From so many on, messages may have been left out of a queue. */
const SURE_MESSAGES_MAX = 500;
/** Filters that are asked for at a time, where each has one message. */
const TOPICS_AT_ONCE_MAX = 500;
const RECEIVE_MAXIMUM = 500;
const KEEPALIVE_SECONDS = 60;

/**
 * The retained messages that these filters match, by topic. Rejects with `subscribe_refused` when
 * one is not granted, and with the reason when there is no connection.
 */
export async function scanRetained(
  filters: readonly string[],
  options: ScanOptions,
): Promise<Scan> {
  const collector = createCollector(options);
  const late = new AbortController();
  const timer = setTimeout(() => {
    collector.end("time");
    late.abort();
  }, options.timeoutMs);
  try {
    const connection = await openConnection(options, collector, late.signal);
    try {
      const asked = askAll(connection, filters, collector, options);
      await Promise.race([asked, collector.ended, failAtEnd(connection, collector)]);
    } finally {
      // What is still on its way is not waited for.
      connection.destroy();
    }
  } finally {
    clearTimeout(timer);
  }
  return { messages: collector.messages, end: collector.endedBy ?? "quiet" };
}

function openConnection(
  { target, version, timeoutMs, packetBytesMax }: ScanOptions,
  collector: RetainedCollector,
  late: AbortSignal,
): Promise<Connection> {
  const settings = {
    target,
    version,
    // At most 23 characters: brokers of MQTT 3.1.1 need not take more [MQTT-3.1.3-5].
    clientId: `viaduto-look-${crypto.randomUUID().slice(0, 8)}`,
    sessionExpirySeconds: 0,
    keepaliveSeconds: KEEPALIVE_SECONDS,
    connectTimeoutMs: timeoutMs,
    receiveMaximum: RECEIVE_MAXIMUM,
    packetBytesMax,
    identifiers: new PacketIdentifiers(),
    onPacket: collector.receive,
  };
  return Connection.open(settings, late);
}

async function askAll(
  connection: Connection,
  filters: readonly string[],
  collector: RetainedCollector,
  { target: { label } }: ScanOptions,
): Promise<void> {
  const ask = async (asked: readonly string[], qos: QoS) => {
    const requested = asked.map((filter) => ({ filter, qos }));
    const [refused] = await connection.subscribe(requested);
    if (refused) {
      const { filter, reasonCode } = refused;
      const reason = toReasonWords(reasonCode);
      throw new ViadutoError("subscribe_refused", { broker: label, filter, reason });
    }
    await collector.waitForQuiet();
  };
  const isOfTopics = filters.every((filter) => !/[+#]/.test(filter));
  if (isOfTopics) {
    for (const some of toChunks(filters, TOPICS_AT_ONCE_MAX)) await ask(some, 2);
    return;
  }
  await ask(filters, 2);
  if (collector.messages.size < SURE_MESSAGES_MAX) return;
  const known = new Set(collector.messages.keys());
  await ask(filters, 0);
  const leftOut = [...collector.messages.keys()].filter((topic) => !known.has(topic));
  await connection.unsubscribe(filters);
  for (const some of toChunks(leftOut, TOPICS_AT_ONCE_MAX)) await ask(some, 2);
}

// A connection that ends over a limit of ours has ended for a good reason.
async function failAtEnd(connection: Connection, collector: RetainedCollector): Promise<void> {
  const reason = await connection.closed;
  if (collector.endedBy === undefined) throw reason;
}

export function toChunks<T>(list: readonly T[], size: number): T[][] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, at) => list.slice(at * size, (at + 1) * size));
}
