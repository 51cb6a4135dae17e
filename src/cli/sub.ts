// `viaduto sub`: prints the messages of topics, with the letters of mosquitto_sub.

import { parseInteger } from "../config/option-value.ts";
import { ViadutoError } from "../lib/errors.ts";
import { toReasonWords } from "../link/failure.ts";
import { PacketIdentifiers } from "../link/packet-identifiers.ts";
import type { QoS } from "../topics/message.ts";
import { parsePattern } from "../topics/pattern.ts";
import { type BrokerChoice, chooseBroker } from "./broker-choice.ts";
import { type BrokerConnection, connectToBroker } from "./broker-connection.ts";
import { createSay, runQuietly, type Say, warn } from "./diagnostics.ts";
import { type Flags, readFlags, toFlagInvalid } from "./flag-reading.ts";
import { createPlainFormat, parseFormat } from "./message-format.ts";
import { createMessagePrinter, type PrinterOptions } from "./message-printer.ts";
import {
  BROKER_NOTES,
  BROKER_ROWS,
  type FlagRow,
  formatFlags,
  toFlags,
} from "./mosquitto-flags.ts";

const ROWS: readonly FlagRow[] = [
  ["-t, --topic <filter>...", "what to subscribe to: a/b, a/+, a/{id}, a/#; repeatable"],
  ["-T, --filter-out <filter>...", "what of it not to print; repeatable"],
  ["-q, --qos <0|1|2>", "the highest QoS of delivery; default 0"],
  ["-v, --verbose", "print the topic before the payload"],
  ["-F, --format <format>", "print by a format such as '%I %t %p', see below"],
  ["-N, --no-newline", "print no newline after a message"],
  ["-C, --count <number>", "end after so many messages"],
  ["-W, --timeout <seconds>", "end after this time; with 3 when too few messages came"],
  ["-R, --no-retained", "leave out what the broker had retained"],
  ["--retained-only", "print nothing else; end at the first message that is live"],
  ["-c, --disable-clean-session", "the broker keeps the session; needs -i"],
  ["-x, --session-expiry-interval <s>", "for how long; default with -c: for ever"],
  ...BROKER_ROWS,
];

const NOTES = [
  "-F: %t topic, %p payload, %x and %X in hexadecimal, %l its bytes, %q QoS, %r retained,",
  "%m packet identifier, %I time, %U seconds since 1970, %j all as JSON, %J with the",
  "payload as JSON too. Of MQTT 5: %C content type, %D correlation data, %E expiry,",
  "%F payload format, %P user properties, %R response topic. %% \\\\ \\n \\r \\t \\v \\0 \\a \\e",
  "",
  ...BROKER_NOTES,
] as const;

const COUNT_MAX = 1_000_000_000;
/** Longest time that setTimeout takes, in seconds. */
const TIMEOUT_SECONDS_MAX = 2_147_483;
/** A session that does not expire (MQTT 5 section 3.1.2.11.2). */
const EXPIRY_NEVER = 0xffff_ffff;

type SubOptions = PrinterOptions & {
  readonly filters: readonly string[];
  readonly qos: QoS;
  readonly timeoutSeconds: number | undefined;
  readonly sessionExpirySeconds: number;
};

/**
 * Prints messages until there were enough; resolves to the exit code. Throws what `chooseBroker`
 * and the broker throw, and `pattern_invalid`, `argument_missing`, `arrival_timeout`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, toFlags(ROWS), "sub");
  const broker = chooseBroker(flags, process.env);
  const options = readOptions(flags, broker);
  return runQuietly(flags, () => receiveAll(flags, broker, options));
}

/** The flags of sub, for `--help`. */
export function help(): string {
  return formatFlags(ROWS, NOTES);
}

function readOptions(flags: Flags, broker: BrokerChoice): SubOptions {
  const topics = [...flags.texts("topic"), ...(broker.topic === undefined ? [] : [broker.topic])];
  if (topics.length === 0) {
    const example = "viaduto sub -t 'devices/#' -v";
    throw new ViadutoError("argument_missing", { what: "the topic (-t)", example });
  }
  if (flags.has("no-retained") && flags.has("retained-only")) {
    throw new ViadutoError("flags_conflict", {
      one: "-R",
      other: "--retained-only",
      command: "sub",
    });
  }
  const end = flags.has("no-newline") ? "" : "\n";
  const format = flags.text("format");
  return {
    filters: [...new Set(topics.map((topic) => parsePattern(topic).filter))],
    qos: (flags.integer("qos", 0, 2) ?? 0) as QoS,
    timeoutSeconds: flags.integer("timeout", 1, TIMEOUT_SECONDS_MAX),
    sessionExpirySeconds: readSessionExpiry(flags),
    excluded: flags.texts("filter-out").map(parsePattern),
    countMax: flags.integer("count", 1, COUNT_MAX),
    retained: flags.has("no-retained") ? "none" : flags.has("retained-only") ? "only" : "all",
    format:
      format === undefined
        ? createPlainFormat(flags.has("verbose"), end)
        : parseFormat(format, end),
  };
}

function readSessionExpiry(flags: Flags): number {
  for (const { packet, name } of flags.properties) {
    if (packet === "connect" && name === "session-expiry-interval") continue;
    const allowed = "connect session-expiry-interval (the same as -x)";
    throw toFlagInvalid("-D", `${packet} ${name}`, allowed);
  }
  const given = flags.properties.at(-1)?.values[0] ?? flags.text("session-expiry-interval");
  const seconds = given === undefined ? undefined : parseExpiry(given);
  const expiry = seconds ?? (flags.has("disable-clean-session") ? EXPIRY_NEVER : 0);
  if (expiry === 0 || flags.has("id")) return expiry;
  const example = "viaduto sub -t 'devices/#' -q 1 -c -i my-session";
  throw new ViadutoError("argument_missing", { what: "-i, the name of the session,", example });
}

function parseExpiry(text: string): number {
  if (text === "-1" || text === "∞") return EXPIRY_NEVER;
  const seconds = parseInteger(text, 0, EXPIRY_NEVER);
  if (seconds !== undefined) return seconds;
  throw toFlagInvalid("-x", text, `a whole number from 0 to ${EXPIRY_NEVER}, or -1 for ever`);
}

async function receiveAll(
  flags: Flags,
  broker: BrokerChoice,
  options: SubOptions,
): Promise<number> {
  const say = createSay(flags);
  const printer = createMessagePrinter(options, say);
  const { countMax, timeoutSeconds: seconds, sessionExpirySeconds } = options;
  const identifiers = new PacketIdentifiers();
  const session = { identifiers, sessionExpirySeconds, onPacket: printer.onPacket };
  await using opened = await connectToBroker(broker, session, say);
  using timer = startTimer(seconds);
  const ended = Promise.race([printer.ended, timer.passed, opened.lost]);
  // Retained messages may be enough before the broker has granted anything.
  await Promise.race([subscribe(opened, options, flags, say), ended]);
  await ended;
  const received = printer.printed();
  const wanted = countMax ?? 1;
  if (!timer.hasPassed() || received >= wanted) return 0;
  throw new ViadutoError("arrival_timeout", { received, wanted, seconds: seconds ?? 0 });
}

// Goes on when some are granted, as mosquitto_sub does. Throws `subscribe_refused` when none is.
async function subscribe(
  { connection, label: broker }: BrokerConnection,
  { filters, qos, retained }: SubOptions,
  flags: Flags,
  say: Say,
): Promise<void> {
  const subscriptions = filters.map((filter) => ({ filter, qos }));
  // Retain Handling 2: do not send what is retained (MQTT 5 section 3.8.3.1).
  const rh = retained === "none" ? 2 : 0;
  const refused = await connection.subscribe(subscriptions, { rh });
  const errors = refused.map(({ filter, reasonCode }) => {
    const reason = toReasonWords(reasonCode);
    return new ViadutoError("subscribe_refused", { broker, filter, reason });
  });
  const [first] = errors;
  if (first && refused.length === filters.length) throw first;
  for (const error of errors) warn(flags, error);
  const isRefused = (wanted: string) => refused.some(({ filter }) => filter === wanted);
  for (const filter of filters) if (!isRefused(filter)) say(`subscribed to '${filter}'`);
}

type Timer = Disposable & { readonly passed: Promise<void>; readonly hasPassed: () => boolean };

function startTimer(seconds: number | undefined): Timer {
  const { promise: passed, resolve } = Promise.withResolvers<void>();
  let hasPassed = false;
  const pass = () => {
    hasPassed = true;
    resolve();
  };
  const timer = seconds === undefined ? undefined : setTimeout(pass, seconds * 1_000);
  return { passed, hasPassed: () => hasPassed, [Symbol.dispose]: () => clearTimeout(timer) };
}
