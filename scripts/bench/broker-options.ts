// The flags of `bun run bench:broker`.

import { parseArgs } from "node:util";
import { SUBJECTS, type SubjectName } from "./subjects.ts";

export const PARTS = ["throughput", "durable", "idle", "slow", "replay", "kill"] as const;
export type Part = (typeof PARTS)[number];

export type BrokerBenchOptions = {
  readonly parts: readonly Part[];
  /** Of the parts throughput, idle, slow and replay. */
  readonly subjects: readonly SubjectName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly window: number;
  /** With QoS 0, and for the single publisher of the fan-out. */
  readonly wideWindow: number;
  readonly connections: number;
  readonly waves: number;
  readonly takeOvers: number;
  readonly megabytes: number;
  readonly messages: number;
  readonly killRounds: number;
  readonly killMessages: number;
  readonly killSubjects: readonly SubjectName[];
  readonly logLevel: string;
  readonly binary: string | undefined;
  readonly isJson: boolean;
};

const HELP = `bun run bench:broker [flags]: the embedded broker beside Mosquitto

  throughput  10 publishers to 1 subscriber, 1 publisher to 100; QoS 0 and 1; rate and CPU
  durable     10 to 1 with a session that is kept: --data <folder> against --data :memory:
  idle        memory of idle connections, after waves of connections, and after take-overs
  slow        one subscriber stops reading: memory, and what another one gets
  replay      what waited for a session, and how fast it comes: Receive Maximum 20 and default
  kill        kill -9 at a random moment: what was acknowledged must be there again

  --parts A,B         only these (throughput,durable,idle,slow,replay,kill)
  --brokers A,B       of viaduto, viaduto-data, mosquitto, defaults (Debian's), mosquitto-data
                      (viaduto,mosquitto,defaults; the parts durable and kill have their own)
  --rounds N          rounds, in each of which all take their turn (5)
  --seconds S         length of one measurement (3)
  --warm-up S         before each measurement (1)
  --window N          messages of one publisher on their way, QoS 1, 10 to 1 (64)
  --wide-window N     the same with QoS 0 (1000)
  --connections N     idle: connections held (5000); a wave is a tenth of twice as many
  --waves N           idle: how often twice as many connections come and go (5)
  --take-overs N      idle: connections with one client id (300)
  --megabytes N       slow: what is published to the slow subscriber (200)
  --messages N        replay: messages that wait (100000)
  --kill-rounds N     (20)
  --kill-messages N   in each of those rounds (10000)
  --kill-brokers A,B  (viaduto-data)
  --log-level LEVEL   viaduto's (warn)
  --binary FILE       viaduto's binary (dist/viaduto, built when older than src)
  --json              one JSON document in place of the tables
`;

const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
const FLAGS = {
  parts: text(PARTS.join(",")),
  brokers: text("viaduto,mosquitto,defaults"),
  rounds: text("5"),
  seconds: text("3"),
  "warm-up": text("1"),
  window: text("64"),
  "wide-window": text("1000"),
  connections: text("5000"),
  waves: text("5"),
  "take-overs": text("300"),
  megabytes: text("200"),
  messages: text("100000"),
  "kill-rounds": text("20"),
  "kill-messages": text("10000"),
  "kill-brokers": text("viaduto-data"),
  "log-level": text("warn"),
  binary: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Undefined when help was asked for, and printed. Throws with the flag that is wrong. */
export function parseBrokerBenchOptions(args: readonly string[]): BrokerBenchOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  const toCount = (flag: keyof typeof values, max: number) => {
    return parseNumber(flag, String(values[flag]), 1, max, true);
  };
  return {
    parts: values.parts.split(",").map((one) => parseName("parts", one, PARTS)),
    subjects: parseSubjects("brokers", values.brokers),
    rounds: toCount("rounds", 1_000),
    seconds: parseNumber("seconds", values.seconds, 0.1, 600, false),
    warmUpSeconds: parseNumber("warm-up", values["warm-up"], 0, 60, false),
    window: toCount("window", 10_000),
    wideWindow: toCount("wide-window", 10_000),
    connections: toCount("connections", 8_000),
    waves: toCount("waves", 100),
    takeOvers: toCount("take-overs", 5_000),
    megabytes: toCount("megabytes", 10_000),
    messages: toCount("messages", 10_000_000),
    killRounds: toCount("kill-rounds", 1_000),
    killMessages: toCount("kill-messages", 60_000),
    killSubjects: parseSubjects("kill-brokers", values["kill-brokers"]),
    logLevel: values["log-level"],
    binary: values.binary,
    isJson: values.json,
  };
}

function parseSubjects(flag: string, text: string): SubjectName[] {
  const names = Object.keys(SUBJECTS) as SubjectName[];
  return text.split(",").map((one) => parseName(flag, one, names));
}

function parseName<T extends string>(flag: string, text: string, names: readonly T[]): T {
  const found = names.find((name) => name === text.trim());
  if (found) return found;
  throw new Error(`--${flag} '${text}': ${names.join(", ")} are known`);
}

function parseNumber(
  flag: string,
  text: string,
  min: number,
  max: number,
  isWhole: boolean,
): number {
  const number = Number(text);
  const fits = text.trim() !== "" && (!isWhole || Number.isInteger(number));
  if (fits && number >= min && number <= max) return number;
  throw new Error(`--${flag} '${text}': a number from ${min} to ${max} is wanted`);
}
