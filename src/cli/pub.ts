// `viaduto pub`: publishes messages, with the letters of mosquitto_pub. Ends when the broker has
// acknowledged all of them; with QoS 0, when it has taken all bytes.

import { setTimeout as sleep } from "node:timers/promises";
import { ViadutoError } from "../lib/errors.ts";
import type { Connection } from "../link/connection.ts";
import { Outbox } from "../link/outbox.ts";
import { PacketIdentifiers } from "../link/packet-identifiers.ts";
import { addToken } from "../link/token.ts";
import { NO_MATCHING_SUBSCRIBERS, type OutgoingMessage, type QoS } from "../topics/message.ts";
import { checkTopic } from "../topics/pattern.ts";
import { type BrokerChoice, chooseBroker } from "./broker-choice.ts";
import { connectToBroker, type SessionOptions } from "./broker-connection.ts";
import { createSay, runQuietly, type Say } from "./diagnostics.ts";
import { type Flags, readFlags } from "./flag-reading.ts";
import {
  BROKER_NOTES,
  BROKER_ROWS,
  type FlagRow,
  formatFlags,
  toFlags,
} from "./mosquitto-flags.ts";
import { choosePayloadFlag, openPayloads, type Payloads } from "./payload-source.ts";
import { toMessageProperties } from "./publish-properties.ts";

const ROWS: readonly FlagRow[] = [
  ["-t, --topic <topic>", "where to publish"],
  ["-m, --message <text>", "the payload"],
  ["-f, --file <file>", "the payload is what the file holds"],
  ["-s, --stdin-file", "the payload is the whole of standard input"],
  ["-l, --stdin-line", "each line of standard input is a message"],
  ["-n, --null-message", "the payload is empty; with -r it clears what is retained"],
  ["-q, --qos <0|1|2>", "0 at most once, 1 at least once, 2 exactly once; default 0"],
  ["-r, --retain", "the broker keeps it for later subscribers"],
  ["-D, --property <words>...", "an MQTT 5 property, see below"],
  ...BROKER_ROWS,
];

const NOTES = [
  "-D publish <property> <value>, the property being content-type, response-topic,",
  "correlation-data, message-expiry-interval or payload-format-indicator;",
  "-D publish user-property <name> <value>.",
  "",
  ...BROKER_NOTES,
] as const;

/** Most messages sent and not acknowledged; with -l, most that are in memory. */
const SEND_WINDOW = 100;
/** Bytes that the broker has not taken yet, from which reading input waits. */
const WAITING_BYTES_MAX = 1 << 20;
const POLL_MS = 5;

/**
 * Publishes; resolves to the exit code when all is acknowledged. Throws what `chooseBroker` and the
 * broker throw, and `topic_invalid`, `argument_missing`, `flags_conflict`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, toFlags(ROWS), "pub");
  const broker = chooseBroker(flags, process.env);
  const draft = readDraft(flags, broker);
  const payloadFlag = choosePayloadFlag(flags);
  return runQuietly(flags, async () => {
    const abort = new AbortController();
    const payloads = await openPayloads(payloadFlag, flags, abort.signal);
    try {
      await publishAll(broker, draft, payloads, abort.signal, createSay(flags));
      return 0;
    } finally {
      abort.abort();
    }
  });
}

/** The flags of pub, for `--help`. */
export function help(): string {
  return formatFlags(ROWS, NOTES);
}

/** The message, but for its payload. */
function readDraft(flags: Flags, broker: BrokerChoice): OutgoingMessage {
  if (flags.has("topic") && broker.topic !== undefined) {
    throw new ViadutoError("flags_conflict", { one: "-t", other: "a topic in -L", command: "pub" });
  }
  const topic = flags.text("topic") ?? broker.topic;
  if (topic === undefined) {
    const example = "viaduto pub -t devices/update -m hello";
    throw new ViadutoError("argument_missing", { what: "the topic (-t)", example });
  }
  checkTopic(topic);
  const qos = (flags.integer("qos", 0, 2) ?? 0) as QoS;
  const properties = toMessageProperties(flags.properties);
  const draft = { topic, payload: Buffer.alloc(0), qos, retain: flags.has("retain") };
  return addToken(properties ? { ...draft, properties } : draft, broker.token);
}

async function publishAll(
  broker: BrokerChoice,
  draft: OutgoingMessage,
  payloads: Payloads,
  signal: AbortSignal,
  say: Say,
): Promise<void> {
  const identifiers = new PacketIdentifiers();
  // The window bounds what waits, not the outbox.
  const bounds = { messagesMax: SEND_WINDOW, bytesMax: Number.POSITIVE_INFINITY };
  const outbox = new Outbox({ identifiers, ...bounds, sendWindow: SEND_WINDOW });
  const onPacket: SessionOptions["onPacket"] = (packet) => outbox.receive(packet);
  const session = { identifiers, onPacket, sessionExpirySeconds: 0 };
  await using opened = await connectToBroker(broker, session, say);
  const { connection, lost } = opened;
  outbox.attach(connection);
  const failed = Promise.withResolvers<never>();
  const publish = async (payload: Buffer) => {
    try {
      const { reasonCode } = await outbox.publish({ ...draft, payload });
      const outcome = reasonCode === NO_MATCHING_SUBSCRIBERS ? "nobody subscribes" : "published";
      say(`${outcome}: '${draft.topic}', QoS ${draft.qos}, ${payload.length} bytes`);
    } catch (thrown) {
      failed.reject(thrown);
    }
  };
  await Promise.race([sendAll(payloads, publish, connection, signal), lost, failed.promise]);
}

// Takes a payload only when there is room for it, so that input of any length needs little memory.
async function sendAll(
  payloads: Payloads,
  publish: (payload: Buffer) => Promise<void>,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  const pending: Promise<void>[] = [];
  for await (const payload of payloads) {
    if (pending.length === SEND_WINDOW) await pending.shift();
    await waitForRoom(connection, WAITING_BYTES_MAX, signal);
    pending.push(publish(payload));
  }
  await Promise.all(pending);
  // QoS 0 is not acknowledged: what the system has taken is as good as sent.
  await waitForRoom(connection, 0, signal);
}

async function waitForRoom(
  connection: Connection,
  bytesMax: number,
  signal: AbortSignal,
): Promise<void> {
  while (connection.waitingBytes > bytesMax && !signal.aborted) await sleep(POLL_MS);
}
