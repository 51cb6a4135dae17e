// The command line of `viaduto dead`: what to do, on which letters, and the flags of serve, which
// say where the data is and where the bridge listens.

import { checkPositionals, type Flag, parseArguments } from "../config/arguments.ts";
import { parseInteger } from "../config/option-value.ts";
import { isBoolean, OPTIONS } from "../config/options.ts";
import { readSettings, type Settings } from "../config/read.ts";
import { describeSource } from "../config/source.ts";
import { ViadutoError } from "../lib/errors.ts";
import { toFlagInvalid } from "./flag-reading.ts";
import { type FlagRow, toFlags } from "./mosquitto-flags.ts";

export type DeadArguments = {
  readonly action: Action;
  /** Of the letter to show or to handle again. */
  readonly id: number | undefined;
  readonly handler: string | undefined;
  readonly topic: string | undefined;
  readonly limit: number;
  readonly olderThanHours: number | undefined;
  readonly isAll: boolean;
  readonly isJson: boolean;
  readonly settings: Settings;
  /** Where `--data` comes from, in words. */
  readonly dataSource: string;
};

export type Action = keyof typeof ROWS;

const LIMIT = 50;
const LIMIT_MAX = 10_000_000;
const HOURS_MAX = 1_000_000;
const HANDLER: FlagRow = ["--handler <name>", "only those of this handler"];
const JSON_ROW: FlagRow = ["--json", "JSON, one letter or answer per line"];

/** What each action takes. A flag of another one is refused: `purge --topic` would purge all. */
export const ROWS = {
  list: [
    HANDLER,
    ["--topic <filter>", "only those of topics that match"],
    ["--limit <number>", `the newest of them; default ${LIMIT}`],
    JSON_ROW,
  ],
  show: [JSON_ROW],
  redrive: [["--all", "all of them, oldest first, one after the other"], HANDLER, JSON_ROW],
  purge: [HANDLER, ["--older-than-hours <n>", "only those that are there for longer"], JSON_ROW],
} as const satisfies Record<string, readonly FlagRow[]>;

const SERVE_FLAGS: readonly Flag[] = OPTIONS.map((option) => ({
  name: option.flag,
  takesValue: !isBoolean(option),
}));
const COMMAND = "dead";
const EXAMPLE = "viaduto dead redrive 7";

/**
 * Reads the command line. Throws `argument_unexpected`, `argument_missing`, `flags_conflict`, and
 * what `readSettings` throws.
 */
export function readDeadArguments(argv: readonly string[]): DeadArguments {
  const action = readAction(argv);
  const rows: readonly FlagRow[] = ROWS[action];
  const flags = [...toFlags(rows), ...SERVE_FLAGS];
  const { values, positionals } = parseArguments(argv, flags, COMMAND);
  const text = (name: string) => values.get(name)?.at(-1);
  const takesId = action === "show" || action === "redrive";
  checkPositionals(positionals, takesId ? 2 : 1, COMMAND);
  const id = readId(positionals[1]);
  const isAll = isOn("all", text("all"));
  if (takesId) checkTarget(action, id, isAll, text("handler"));

  const argvOfServe = SERVE_FLAGS.flatMap(({ name }) => {
    return values.has(name) ? [`--${name}=${text(name)}`] : [];
  });
  const input = { argv: argvOfServe, env: process.env, cwd: process.cwd(), command: COMMAND };
  const { settings, sources } = readSettings({ ...input, isTerminal: true });
  return {
    action,
    id,
    handler: text("handler"),
    topic: text("topic"),
    limit: readInteger("--limit", text("limit"), LIMIT_MAX) ?? LIMIT,
    olderThanHours: readInteger("--older-than-hours", text("older-than-hours"), HOURS_MAX),
    isAll,
    isJson: isOn("json", text("json")),
    settings,
    dataSource: describeSource(sources.data),
  };
}

// The first word that is no flag and no flag's value, whichever action's flags they are.
function readAction(argv: readonly string[]): Action {
  const flags = Object.values(ROWS).flatMap((rows) => toFlags(rows));
  const [word = "list"] = parseArguments(argv, [...flags, ...SERVE_FLAGS], COMMAND).positionals;
  if (Object.hasOwn(ROWS, word)) return word as Action;
  throw new ViadutoError("argument_unexpected", { given: word, command: COMMAND });
}

function checkTarget(
  action: Action,
  id: number | undefined,
  isAll: boolean,
  handler: string | undefined,
): void {
  const conflict = (one: string, other: string) =>
    new ViadutoError("flags_conflict", { one, other, command: COMMAND });
  if (id !== undefined && isAll) throw conflict("an id", "--all");
  if (id !== undefined && handler !== undefined) throw conflict("an id", "--handler");
  if (id !== undefined || isAll) return;
  const what = action === "redrive" ? "the id of a dead letter, or --all," : "the id";
  const example = action === "redrive" ? EXAMPLE : "viaduto dead show 7";
  throw new ViadutoError("argument_missing", { what, example });
}

function readId(text: string | undefined): number | undefined {
  return readInteger("the id", text, Number.MAX_SAFE_INTEGER);
}

function readInteger(name: string, text: string | undefined, maximum: number): number | undefined {
  if (text === undefined) return undefined;
  const value = parseInteger(text, 0, maximum);
  if (value !== undefined) return value;
  throw toFlagInvalid(name, text, `a whole number from 0 to ${maximum}`);
}

function isOn(name: string, text: string | undefined): boolean {
  if (text === undefined || text === "true") return text !== undefined;
  throw toFlagInvalid(`--${name}`, text, "true");
}
