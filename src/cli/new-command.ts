// `viaduto new <topic>`: one more typed handler with its test, in the folder of handlers.

import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { checkPositionals, parseArguments } from "../config/arguments.ts";
import { readSettings } from "../config/read.ts";
import { ViadutoError } from "../lib/errors.ts";
import { escapeControl } from "../lib/log.ts";
import { parsePattern } from "../topics/pattern.ts";
import { readBundledFiles } from "./bundled-files.ts";
import { updateSupport, writeNew } from "./folder-files.ts";
import { buildHandler, buildHandlerTest, toFileName, toNamedPattern } from "./handler-template.ts";
import { type FlagRow, formatFlags, toFlags } from "./mosquitto-flags.ts";

const ROWS: readonly FlagRow[] = [
  ["--handlers <folder>", "where to write; default ./handlers; environment HANDLERS_DIR"],
  ["--config <file>", "the configuration file, which may name the folder"],
];
const EXAMPLE = "viaduto new 'devices/{id}/state'";

/**
 * Writes the two files; resolves to 0. Throws `pattern_invalid`, `file_exists`, `file_unwritable`,
 * `bundle_missing` and what `readSettings` throws.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(argv, toFlags(ROWS), "new");
  checkPositionals(positionals, 1, "new");
  const [text] = positionals;
  if (text === undefined) {
    throw new ViadutoError("argument_missing", { what: "the topic", example: EXAMPLE });
  }
  const pattern = toNamedPattern(parsePattern(text));
  const name = toFileName(pattern);
  const folder = findFolder(values);
  await writeAll([
    [join(folder, `${name}.ts`), buildHandler(pattern)],
    [join(folder, `${name}.test.ts`), buildHandlerTest(pattern, name)],
  ]);
  // Where there is no tsconfig.json, nothing would read them.
  if (existsSync("tsconfig.json")) {
    await updateSupport(process.cwd(), (await readBundledFiles()).support);
  }
  return 0;
}

/** Its flags, for `--help`. */
export function help(): string {
  return formatFlags(ROWS, []);
}

function findFolder(values: ReadonlyMap<string, readonly string[]>): string {
  const argv = [...values].flatMap(([flag, given]) => given.map((text) => `--${flag}=${text}`));
  const input = { argv, env: process.env, cwd: process.cwd(), isTerminal: true, command: "new" };
  return resolve(readSettings(input).settings.handlers ?? "handlers");
}

// Both or none: a handler without its test would be taken for one that is done.
async function writeAll(files: readonly (readonly [file: string, text: string])[]): Promise<void> {
  const show = (file: string) => relative(process.cwd(), file);
  const taken = files.find(([file]) => existsSync(file));
  if (taken) throw new ViadutoError("file_exists", { file: show(taken[0]) });
  for (const [file, text] of files) {
    if (!(await writeNew(file, text))) throw new ViadutoError("file_exists", { file: show(file) });
    process.stdout.write(`  wrote  ${escapeControl(show(file))}\n`);
  }
}
