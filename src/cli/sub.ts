// `viaduto sub`: prints the messages of topics, with the letters of mosquitto_sub. A message is
// acknowledged when it is printed.

import { ViadutoError } from "../lib/errors.ts";
import type { Connection, ConnectionOptions, IncomingPublish } from "../link/connection.ts";
import { PacketIdentifiers } from "../link/packet-identifiers.ts";
import type { QoS } from "../topics/message.ts";
import { matchPattern, type Pattern, parsePattern } from "../topics/pattern.ts";
import { writeOutput } from "./blocking-output.ts";
import { type BrokerChoice, chooseBroker } from "./broker-choice.ts";
import { connectToBroker } from "./broker-connection.ts";
import { createSay, runQuietly, warn } from "./diagnostics.ts";
import { type Flags, readFlags, toFlagInvalid } from "./flag-reading.ts";
import { createPlainFormat, type Format, parseFormat } from "./message-format.ts";
import { BROKER_NOTES, BROKER_ROWS, type FlagRow, formatFlags, toFlags } from "./mosquitto-flags.ts";

const ROWS: readonly FlagRow[] = [
  ["-t, --topic <filter>...", "what to subscribe to, may be repeated: a/b, a/+, a/{id}, a/#"],
  ["-T, --filter-out <filter>...", "what not to print of it, may be repeated"],
  ["-q, --qos <0|1|2>", "the highest QoS of delivery; default 0"],
  ["-v, --verbose", "print the topic before the payload"],
  ["-F, --format <format>", "print by a format such as '%I %t %p', see below"],
  ["-N, --no-newline", "print no newline after a message"],
  ["-C, --count <number>", "end after so many messages"],
  ["-W, --timeout <seconds>", "end after this time, with 3 when too few messages came"],
  ["-R, --no-retained", "leave out what the broker had retained"],
  ["--retained-only", "print only that; ends at the first message that is live"],
  ["-c, --disable-clean-session", "keep the session at the broker; needs -i"],
  ["-x, --session-expiry-interval <s>", "with -c, for how long; default for ever"],
  ...BROKER_ROWS,
];
