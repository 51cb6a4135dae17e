// Reads a command line over a table of flags. Every command uses it; it knows none of them.

import { type ParseArgsConfig, parseArgs } from "node:util";
import { ViadutoError } from "../lib/errors.ts";
import { findNearest } from "./nearest.ts";

export type Flag = {
  /** The long name, without `--`. */
  readonly name: string;
  /** The short name, without `-`. */
  readonly letter?: string;
  /** False for a flag that is on by standing there; `--flag=value` still gives it a value. */
  readonly takesValue: boolean;
  /** True keeps every value; otherwise the last one wins. */
  readonly multiple?: boolean;
};

type Arguments = {
  /** Long name → values in the order given; `"true"` for a flag without a value. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** What is neither a flag nor its value, in the order given. */
  readonly positionals: readonly string[];
};

/**
 * The values and positionals of a command line; `--` ends the flags. A value may begin with `-`.
 * `command` is only named in hints. Throws `flag_unknown` with the nearest name, and
 * `argument_missing` when a flag stands at the end without its value.
 */
export function parseArguments(
  argv: readonly string[],
  flags: readonly Flag[],
  command: string,
): Arguments {
  const values = new Map<string, readonly string[]>();
  const positionals: string[] = [];
  const known = new Map(flags.map((flag) => [flag.name, flag]));
  for (const token of toTokens(argv, flags)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = known.get(token.name);
    if (!flag) throw toFlagUnknown(token.rawName, flags, command);
    const value = token.value ?? (flag.takesValue ? undefined : "true");
    if (value === undefined) throw toValueMissing(token.rawName, command);
    const earlier = flag.multiple ? (values.get(flag.name) ?? []) : [];
    values.set(flag.name, [...earlier, value]);
  }
  return { values, positionals };
}

/** Throws `argument_unexpected` when there are more positionals than `countMax`. */
export function checkPositionals(
  positionals: readonly string[],
  countMax: number,
  command: string,
): void {
  const given = positionals[countMax];
  if (given !== undefined) throw new ViadutoError("argument_unexpected", { given, command });
}

function toTokens(argv: readonly string[], flags: readonly Flag[]) {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const { name, letter, takesValue } of flags) {
    const type = takesValue ? "string" : "boolean";
    options[name] = letter === undefined ? { type } : { type, short: letter };
  }
  // Not strict, because strict refuses values that begin with "-", as the -5 of `-m -5`.
  return parseArgs({ args: [...argv], options, strict: false, tokens: true }).tokens;
}

function toFlagUnknown(given: string, flags: readonly Flag[], command: string): ViadutoError {
  const names = [...flags.map((flag) => flag.name), "help"];
  const nearest = `--${findNearest(given.replace(/^--?/, ""), names)}`;
  return new ViadutoError("flag_unknown", { given, nearest, command });
}

function toValueMissing(flag: string, command: string): ViadutoError {
  const facts = { what: `the value of ${flag}`, example: `viaduto ${command} ${flag} VALUE` };
  return new ViadutoError("argument_missing", facts);
}
