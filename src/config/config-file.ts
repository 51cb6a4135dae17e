// Reads options from a file in YAML, TOML or JSON. Its keys are the names of the flags.

import { extname, resolve } from "node:path";
import { toReason, ViadutoError } from "../lib/errors.ts";
import { findNearest } from "./nearest.ts";
import { OPTIONS, type Option, toFlag } from "./options.ts";
import type { OptionKey } from "./schema.ts";
import { type Given, type GivenValues, type ReadFile, toOptionInvalid } from "./source.ts";

type ConfigFile = {
  /** As typed, or as found; undefined when there is none. */
  readonly file: string | undefined;
  readonly values: GivenValues;
};

/** Looked for beside the process in this order; the first that exists is read, alone. */
const FILES = ["viaduto.config.yaml", "viaduto.config.toml", "viaduto.config.json"] as const;

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  ".yaml": Bun.YAML.parse,
  ".yml": Bun.YAML.parse,
  ".toml": Bun.TOML.parse,
  ".json": JSON.parse,
};

// A file cannot say which file to read.
const FILE_OPTIONS = OPTIONS.filter((option) => option.key !== "config");

/**
 * The options of `file`, or of the first viaduto.config.* in `cwd`. Throws `file_unreadable`,
 * `file_key_unknown` with the nearest key, and `option_invalid` for a value of the wrong kind.
 */
export function readConfigFile(
  file: string | undefined,
  cwd: string,
  readFile: ReadFile,
): ConfigFile {
  const found = file ?? FILES.find((name) => exists(resolve(cwd, name), readFile));
  if (found === undefined) return { file: found, values: new Map() };
  const values = new Map<OptionKey, Given>();
  for (const [name, value] of Object.entries(parseFile(found, cwd, readFile))) {
    const option = findOption(name, found);
    const source = { kind: "file", name, file: found } as const;
    // `username:` with nothing behind it is null in YAML: not set, like an empty variable.
    if (value !== null) values.set(option.key, { text: toText(option, value, source), source });
  }
  return { file: found, values };
}

function exists(path: string, readFile: ReadFile): boolean {
  try {
    readFile(path);
    return true;
  } catch (error) {
    // Anything but "no such file" is reported when the file is read.
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
}

function parseFile(file: string, cwd: string, readFile: ReadFile): object {
  const fail = (reason: string, cause?: unknown) =>
    new ViadutoError("file_unreadable", { file, reason }, { cause });
  const parse = PARSERS[extname(file).toLowerCase()];
  if (!parse) throw fail(`its name must end in ${Object.keys(PARSERS).join(", ")}`);
  let content: unknown;
  try {
    content = parse(readFile(resolve(cwd, file)).replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw fail(toReason(cause), cause);
  }
  if (content === null || content === undefined) return {};
  if (typeof content === "object" && !Array.isArray(content)) return content;
  throw fail("it must be names of options with their values");
}

function findOption(name: string, file: string): Option {
  const flag = toFlag(name);
  const option = FILE_OPTIONS.find((one) => one.flag === flag);
  if (option) return option;
  const nearest = findNearest(
    flag,
    FILE_OPTIONS.map((one) => one.flag),
  );
  throw new ViadutoError("file_key_unknown", { file, given: name, nearest });
}

// A number where text belongs is refused: YAML reads the password 0123 as 123, silently.
function toText(option: Option, value: unknown, source: Given["source"]): string {
  if (typeof value === "string") return value;
  const isText = option.schema.type === "string";
  if (!isText && (typeof value === "number" || typeof value === "boolean")) return String(value);
  const isList = Array.isArray(value) && value.every((one) => typeof one === "string");
  if (isList && option.key === "broker") return value.join(",");
  const given = { text: JSON.stringify(value), source };
  throw toOptionInvalid(option, given, isText ? "text, in quotes" : undefined);
}
