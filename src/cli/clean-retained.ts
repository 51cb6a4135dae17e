// `viaduto clean-retained`: deletes the retained messages of a filter at a broker, with the letters
// of mosquitto_pub. It looks again afterwards: what is still there, it says.

import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import { escapeControl } from "../lib/log.ts";
import { Outbox } from "../link/outbox.ts";
import { PacketIdentifiers } from "../link/packet-identifiers.ts";
import { type Scan, scanRetained, toChunks } from "../link/retained-scan.ts";
import { addToken } from "../link/token.ts";
import { parseFilter } from "../topics/pattern.ts";
import { checkPlainFilter } from "../topics/plain-filter.ts";
import { type BrokerChoice, chooseBroker } from "./broker-choice.ts";
import {
  type BrokerConnection,
  connectToBroker,
  type SessionOptions,
} from "./broker-connection.ts";
import { createSay, runQuietly, warn } from "./diagnostics.ts";
import { type Flags, readFlags, toFlagInvalid } from "./flag-reading.ts";
import {
  BROKER_NOTES,
  BROKER_ROWS,
  type FlagRow,
  formatFlags,
  toFlags,
} from "./mosquitto-flags.ts";

const COMMAND = "clean-retained";
const ROWS: readonly FlagRow[] = [
  ["--dry-run", "print the topics, and delete nothing"],
  ...BROKER_ROWS,
];
const NOTES = [
  "Prints each topic that it deletes. Who subscribes to one gets the empty message.",
  "The exit code is 1 when some are still there: no right, or somebody retained anew.",
  "",
  ...BROKER_NOTES,
] as const;

/** Sent and not acknowledged, at most. */
const SEND_WINDOW = 100;
const MIB = 1024 * 1024;
/** Of one look: what is beyond it is found by the next, when these are gone. */
const LOOK = { messagesMax: 100_000, bytesMax: 256 * MIB, timeoutMs: 30_000 } as const;
/** The largest packet that there is (MQTT 5 section 2.1.4). */
const PACKET_BYTES_MAX = 268_435_460;

/**
 * Deletes; resolves to the exit code. Throws what `chooseBroker`, `scanRetained` and the broker
 * throw, and `pattern_invalid`, `filter_invalid`, `argument_missing`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, toFlags(ROWS), COMMAND, 1);
  const filter = readFilter(flags);
  const broker = chooseBroker(flags, process.env);
  return runQuietly(flags, () => clean(filter, broker, flags));
}

/** The flags of clean-retained, for `--help`. */
export function help(): string {
  return formatFlags(ROWS, NOTES);
}

function readFilter({ positionals: [text], properties: [property] }: Flags): string {
  if (property) throw toFlagInvalid("-D", property.name, "nothing: the message is empty");
  if (text === undefined) {
    const example = "viaduto clean-retained 'workshop/#' --dry-run";
    throw new ViadutoError("argument_missing", { what: "the filter", example });
  }
  const { filter } = parseFilter(text);
  checkPlainFilter(filter);
  return filter;
}

async function clean(filter: string, broker: BrokerChoice, flags: Flags): Promise<number> {
  const identifiers = new PacketIdentifiers();
  const bounds = { messagesMax: SEND_WINDOW, bytesMax: Number.POSITIVE_INFINITY };
  const outbox = new Outbox({ identifiers, ...bounds, sendWindow: SEND_WINDOW });
  const onPacket: SessionOptions["onPacket"] = (packet) => outbox.receive(packet);
  const session = { identifiers, onPacket, sessionExpirySeconds: 0 };
  await using opened = await connectToBroker(broker, session, createSay(flags));
  outbox.attach(opened.connection);
  const look = () => lookOnce(filter, opened);
  if (flags.has("dry-run")) return listOnly(await look(), flags);
  const remove = async (topic: string) => {
    const empty = { topic, payload: Buffer.alloc(0), qos: 1, retain: true } as const;
    try {
      await outbox.publish(addToken(empty, broker.token)); // [MQTT-3.3.1-6]
      return true;
    } catch (thrown) {
      warn(flags, toViadutoError(thrown));
      return false;
    }
  };
  const { gone, left } = await removeAll(look, remove, opened.lost);
  printTopics(gone);
  tell(flags, `${gone.length} deleted${left > 0 ? `, ${left} are still there` : ""}`);
  return left > 0 ? 1 : 0;
}

function lookOnce(filter: string, { target, connection }: BrokerConnection): Promise<Scan> {
  const { version } = connection;
  return scanRetained([filter], { ...LOOK, target, version, packetBytesMax: PACKET_BYTES_MAX });
}

function listOnly({ messages, end }: Scan, flags: Flags): number {
  printTopics([...messages.keys()].sort());
  const more = end === "quiet" ? "" : " at least, a limit was reached";
  tell(flags, `${messages.size}${more}; nothing was deleted`);
  return 0;
}

type Outcome = { readonly gone: readonly string[]; readonly left: number };

/** Looks until nothing new is found. A broker of MQTT 3.1.1 does not say that it refused one. */
async function removeAll(
  look: () => Promise<Scan>,
  remove: (topic: string) => Promise<boolean>,
  lost: Promise<never>,
): Promise<Outcome> {
  const tried = new Set<string>();
  const acknowledged = new Set<string>();
  for (;;) {
    const { messages } = await look();
    const fresh = [...messages.keys()].filter((topic) => !tried.has(topic));
    if (fresh.length === 0) {
      const gone = [...acknowledged].filter((topic) => !messages.has(topic));
      return { gone: gone.sort(), left: messages.size };
    }
    for (const some of toChunks(fresh, SEND_WINDOW)) {
      const done = await Promise.race([Promise.all(some.map(remove)), lost]);
      for (const [at, topic] of some.entries()) {
        tried.add(topic);
        if (done[at]) acknowledged.add(topic);
      }
    }
  }
}

function printTopics(topics: readonly string[]): void {
  for (const topic of topics) process.stdout.write(`${escapeControl(topic)}\n`);
}

function tell(flags: Flags, words: string): void {
  if (!flags.has("quiet")) process.stderr.write(`${words}\n`);
}
