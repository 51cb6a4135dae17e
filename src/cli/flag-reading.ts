// A command line of pub, sub or clean-retained, read by its table of flags: typed values, and `-D`
// with as many words as it has, which no table can say. Knows nothing of what the flags mean.

import { checkPositionals, type Flag, parseArguments } from "../config/arguments.ts";
import { parseInteger } from "../config/option-value.ts";
import { ViadutoError } from "../lib/errors.ts";

/** What stands on a command line, by the long names of flags. */
export type Flags = {
  /** The command, for hints. */
  readonly command: string;
  readonly has: (name: string) => boolean;
  /** The value; of several the last. */
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  /** Throws `option_invalid` for what is not a whole number within the bounds. */
  readonly integer: (name: string, minimum: number, maximum: number) => number | undefined;
  /** Each `-D`, in the order given. */
  readonly properties: readonly PropertyWords[];
  /** What stands there without a flag. */
  readonly positionals: readonly string[];
};

/** `-D publish content-type text/plain`, or `-D publish user-property name value`. */
export type PropertyWords = {
  /** The packet that carries it, in lower case. */
  readonly packet: string;
  readonly name: string;
  /** Two for a user property, else one. */
  readonly values: readonly string[];
};

/**
 * Reads a command line. Throws `flag_unknown`, `argument_missing`, `argument_unexpected`, and
 * `option_invalid` for a switch that was given a value.
 */
export function readFlags(
  argv: readonly string[],
  flags: readonly Flag[],
  command: string,
  positionalsMax = 0,
): Flags {
  const { rest, properties } = takeProperties(argv, flags, command);
  const { values, positionals } = parseArguments(rest, flags, command);
  checkPositionals(positionals, positionalsMax, command);
  const text = (name: string) => values.get(name)?.at(-1);
  for (const { name, takesValue } of flags) {
    const given = text(name);
    if (takesValue || given === undefined || given === "true") continue;
    throw toFlagInvalid(`--${name}`, given, "true");
  }
  return {
    command,
    has: (name) => values.has(name),
    text,
    texts: (name) => values.get(name) ?? [],
    integer(name, minimum, maximum) {
      const given = text(name);
      if (given === undefined) return undefined;
      const value = parseInteger(given, minimum, maximum);
      if (value !== undefined) return value;
      const allowed = `a whole number from ${minimum} to ${maximum}`;
      throw toFlagInvalid(showFlag(name, flags), given, allowed);
    },
    properties,
    positionals,
  };
}

/** The error for a value that a flag cannot have. */
export function toFlagInvalid(flag: string, given: string, allowed: string): ViadutoError {
  const facts = { name: flag, given, source: "the command line", allowed };
  return new ViadutoError("option_invalid", facts);
}

function showFlag(name: string, flags: readonly Flag[]): string {
  const letter = flags.find((flag) => flag.name === name)?.letter;
  return letter === undefined ? `--${name}` : `-${letter}`;
}

type Taken = { readonly rest: readonly string[]; readonly properties: readonly PropertyWords[] };

function takeProperties(argv: readonly string[], flags: readonly Flag[], command: string): Taken {
  const rest: string[] = [];
  const properties: PropertyWords[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--") return { rest: [...rest, ...argv.slice(at)], properties };
    if (word === "-D" || word === "--property") {
      const property = toProperty(argv.slice(at + 1), command);
      properties.push(property);
      at += 2 + property.values.length;
      continue;
    }
    rest.push(word);
    // A value may look like a flag, as the second word of `-m -D`.
    if (takesNextWord(word, flags)) rest.push(...argv.slice(++at, at + 1));
  }
  return { rest, properties };
}

function toProperty(words: readonly string[], command: string): PropertyWords {
  const [packet = "", name = "", ...others] = words;
  const values = others.slice(0, name === "user-property" ? 2 : 1);
  if (words.length >= 3 && values.length === (name === "user-property" ? 2 : 1)) {
    return { packet: packet.toLowerCase(), name, values };
  }
  const example = `viaduto ${command} -D publish content-type text/plain`;
  throw new ViadutoError("argument_missing", { what: "a word after -D", example });
}

// As util.parseArgs reads it: `--name` and the last letter of `-rt` take the next word; `-tname`
// and `--name=value` have their value.
function takesNextWord(word: string, flags: readonly Flag[]): boolean {
  const taking = flags.filter(({ takesValue }) => takesValue);
  if (word.startsWith("--")) return taking.some(({ name }) => word === `--${name}`);
  if (!word.startsWith("-")) return false;
  const letters = taking.map(({ letter = "" }) => letter).join("");
  const first = [...word].findIndex((letter) => letters.includes(letter));
  return first !== -1 && first === word.length - 1;
}
