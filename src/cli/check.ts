// `viaduto check`: reads the settings and loads the handlers as serve would, prints the table of
// topics, and says of each file that cannot be loaded where and why. Never connects nor listens.

import { relative, resolve } from "node:path";
import { readSettings, type Settings } from "../config/read.ts";
import { BUILT_IN } from "../handlers/built-in.ts";
import { HandlerFolder, type LoadFailure } from "../handlers/folder.ts";
import { ViadutoError } from "../lib/errors.ts";
import { createLogger, escapeControl } from "../lib/log.ts";
import { HANDLER_MODULES } from "./handler-modules.ts";
import { formatTopicTable } from "./topic-table.ts";

/**
 * Prints what would run, then ends the process: 0, or 1 when a file cannot be loaded. Throws what
 * `readSettings` throws, `handlers_missing` and `file_unreadable`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const isTerminal = process.stdout.isTTY === true;
  const input = { argv, env: process.env, cwd: process.cwd(), isTerminal, command: "check" };
  const { settings } = readSettings(input);
  const exitCode =
    settings.handlers === undefined
      ? checkBuiltIn(settings)
      : await checkFolder(settings, settings.handlers);
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  // Not left to the loop: a file may have started a timer, or wait at its top level for ever.
  process.exit(exitCode);
}

function checkBuiltIn(settings: Settings): number {
  print(formatTopicTable(BUILT_IN.handlers, settings));
  print(
    "\nThere is no folder of handlers, so the built-in one runs. Make one with: viaduto init\n",
  );
  return 0;
}

async function checkFolder(settings: Settings, folder: string): Promise<number> {
  const loaded = await HandlerFolder.open({
    folder,
    modules: HANDLER_MODULES,
    log: SILENT,
    loadTimeoutMs: settings.handlerLoadTimeoutMs,
  });
  const { handlers, files, failures } = loaded.content;
  if (handlers.length > 0) print(formatTopicTable(handlers, settings));
  else print(`no handler in ${folder}\n`);
  for (const failure of failures) complain(formatFailure(failure, folder));
  if (failures.length === 0) return 0;
  const error = new ViadutoError("check_failed", { count: failures.length, files: files.length });
  complain(`\nviaduto: ${error.message}\n  → ${error.hint}\n`);
  return 1;
}

/** `handlers/a.ts:3:17 Unexpected ;`, the line with a caret below, and what to do. */
function formatFailure(failure: LoadFailure, folder: string): string {
  const { handlerFile, file, line, column, lineText, reason, error } = failure;
  const show = (name: string) => relative("", resolve(folder, name));
  const where = line === undefined ? show(file) : `${show(file)}:${line}:${column}`;
  const concerned = file === handlerFile ? "" : `, so ${show(handlerFile)} cannot be loaded`;
  const lines = [`${where} ${reason}${concerned}`];
  if (lineText !== undefined && column !== undefined) {
    // Tabs as one blank each, so that the caret stands where it belongs.
    lines.push(`    ${lineText.replaceAll("\t", " ")}`, `    ${" ".repeat(column - 1)}^`);
  }
  return [...lines, `  → ${error.hint}`].map((text) => `${escapeControl(text)}\n`).join("");
}

function print(text: string): void {
  process.stdout.write(text);
}

function complain(text: string): void {
  process.stderr.write(text);
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  // Also when the reader has left: then the callback is given an error, which concerns nobody.
  return new Promise((resolve) => stream.write("", () => resolve()));
}

/** What the folder would log is printed with more detail here. */
const SILENT = createLogger({
  name: "check",
  level: "error",
  format: "text",
  colour: false,
  writer: { write: () => {}, flush: async () => {} },
});
