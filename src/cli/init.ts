// `viaduto init`: a folder with two handlers, their tests, and the types that an editor needs. It
// asks nothing, fetches nothing, and keeps every file that is there.

import { basename, join, relative, resolve } from "node:path";
import { checkPositionals, parseArguments } from "../config/arguments.ts";
import { escapeControl } from "../lib/log.ts";
import { VERSION } from "../lib/version.ts";
import { readBundledFiles } from "./bundled-files.ts";
import { SUPPORT_FOLDER, updateSupport, writeNew } from "./folder-files.ts";

/** Writes the starter folder; resolves to 0. Throws `bundle_missing` and `file_unwritable`. */
export async function run(argv: readonly string[]): Promise<number> {
  const { positionals } = parseArguments(argv, [], "init");
  checkPositionals(positionals, 1, "init");
  const { starter, support } = await readBundledFiles();
  const folder = resolve(positionals[0] ?? ".");
  const lines: string[] = [];
  for (const [name, text] of Object.entries(starter)) {
    const isNew = await writeNew(join(folder, name), text);
    lines.push(`  ${isNew ? "wrote" : "kept "}  ${name}`);
  }
  await updateSupport(folder, support);
  lines.push(`  wrote  ${SUPPORT_FOLDER}/  (types and test modules of viaduto ${VERSION})`);
  process.stdout.write(formatReport(relative(process.cwd(), folder), lines));
  return 0;
}

/** What to know of its arguments, for `--help`. */
export function help(): string {
  return "Without a folder it fills this one. Files that are there are kept.\n";
}

function formatReport(path: string, lines: readonly string[]): string {
  const program = nameProgram();
  const steps = [
    ...(path === "" ? [] : [`cd ${quote(path)}`]),
    `${program} --watch`,
    `${program} test`,
    `${program} new 'devices/{id}/state'`,
  ];
  const next = ["Next:", "", ...steps.map((step) => `  ${step}`)];
  return `${[...lines, "", ...next].map(escapeControl).join("\n")}\n`;
}

// Who has just downloaded the binary has it on no PATH; from source, another program runs.
function nameProgram(): string {
  const { execPath } = process;
  const isFound = basename(execPath) !== "viaduto" || Bun.which("viaduto") === execPath;
  return isFound ? "viaduto" : quote(execPath);
}

/** A path as a shell takes it. */
function quote(path: string): string {
  return /^[\w./@:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
