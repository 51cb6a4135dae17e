// The benchmark's flags.

import { parseArgs } from "node:util";
import { DEFINITIONS, type Letter } from "./contestants.ts";

export type Options = {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly windows: readonly number[];
  readonly letters: readonly Letter[];
  /** Starts of each bridge that are timed. */
  readonly starts: number;
  readonly logLevel: string;
  /** In place of a fresh build of dist/viaduto. */
  readonly binary: string | undefined;
  readonly isJson: boolean;
};

const HELP = `bun run bench [flags]: round trips of the main job, side by side

  A  plain echo (mqtt.js, the main job in the fewest lines) and Mosquitto
  B  viaduto --broker and Mosquitto
  C  viaduto with its embedded broker
  D  calibration: the load generator and Mosquitto, nobody in between (in the first round)
  E  calibration: the load generator and a server that only mirrors (in the first round)

  F  C with --history off: C beside it says what recording costs
  G  B with --history off

  --rounds N         rounds, in each of which all take their turn (5)
  --seconds S        length of one measurement (3)
  --warm-up S        before each measurement (1)
  --windows N,N      requests outstanding at a time (1,64,256)
  --only A,B         only these (A,B,C,D,E; of A to G)
  --starts N         timed starts of each bridge; 0 leaves them out (11)
  --log-level LEVEL  viaduto's: warn, or info with its output to /dev/null (warn)
  --binary FILE      viaduto's binary (dist/viaduto, built when older than src)
  --json             one JSON document in place of the tables
`;

/** Undefined when help was asked for, and printed. Throws with the flag that is wrong. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: text("5"),
      seconds: text("3"),
      "warm-up": text("1"),
      windows: text("1,64,256"),
      only: text("A,B,C,D,E"),
      starts: text("11"),
      "log-level": text("warn"),
      binary: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  return {
    rounds: parseNumber("rounds", values.rounds, 1, 1_000),
    seconds: parseNumber("seconds", values.seconds, 0.1, 600),
    warmUpSeconds: parseNumber("warm-up", values["warm-up"], 0, 60),
    windows: values.windows.split(",").map((one) => parseNumber("windows", one, 1, 10_000)),
    letters: values.only.split(",").map(parseLetter),
    starts: parseNumber("starts", values.starts, 0, 1_000),
    logLevel: values["log-level"],
    binary: values.binary,
    isJson: values.json,
  };
}

function parseNumber(flag: string, text: string, min: number, max: number): number {
  const number = Number(text);
  const isWhole = flag === "seconds" || flag === "warm-up" || Number.isInteger(number);
  if (text.trim() !== "" && isWhole && number >= min && number <= max) return number;
  throw new Error(`--${flag} '${text}': a number from ${min} to ${max} is wanted`);
}

function parseLetter(text: string): Letter {
  const letter = text.trim().toUpperCase();
  if (Object.hasOwn(DEFINITIONS, letter)) return letter as Letter;
  throw new Error(`--only '${text}': ${Object.keys(DEFINITIONS).join(", ")} are known`);
}
