// `viaduto docs`: prints one of the two documents. It reads the settings and loads the handlers as
// check does; nothing connects, and nothing listens.

import { openBridge } from "../app/bridge.ts";
import { describeTopics } from "../app/describing.ts";
import { toRouteParts } from "../app/route-parts.ts";
import { findNearest } from "../config/nearest.ts";
import { readSettings, type Settings, toSettings } from "../config/read.ts";
import { BUILT_IN } from "../handlers/built-in.ts";
import { HandlerFolder } from "../handlers/folder.ts";
import { toYaml } from "../http/documents-route.ts";
import { buildOpenApi } from "../http/openapi-document.ts";
import { createRoutes } from "../http/routes.ts";
import { ViadutoError } from "../lib/errors.ts";
import { createLogger, escapeControl } from "../lib/log.ts";
import type { HandlerSet } from "../topics/handler.ts";
import { HANDLER_MODULES } from "./handler-modules.ts";
import { formatOptions } from "./help.ts";

const DOCUMENTS = ["openapi", "asyncapi"] as const;
const FORMATS = ["json", "yaml"] as const;

/**
 * Prints the document, then ends the process: 0, or 1 when a file cannot be loaded. Throws what
 * `readSettings` throws, `handlers_missing`, `document_unknown` and `option_invalid`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { name, format, flags } = readArguments(argv);
  const isTerminal = process.stdout.isTTY === true;
  const input = { argv: flags, env: process.env, cwd: process.cwd(), isTerminal, command: "docs" };
  const { settings } = readSettings(input);
  const document = name === "openapi" ? await buildRoutes(settings) : await buildTopics(settings);
  const text = format === "yaml" ? toYaml(document) : `${JSON.stringify(document, null, 2)}\n`;
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  // Not left to the loop: a file may have started a timer.
  process.exit(0);
}

export function help(): string {
  return `  --format <json|yaml>  how it is written; default json\n\n${formatOptions()}`;
}

function readArguments(argv: readonly string[]) {
  const [given = "", ...rest] = argv;
  const name = DOCUMENTS.find((one) => one === given);
  if (!name) {
    throw new ViadutoError("document_unknown", { given, nearest: findNearest(given, DOCUMENTS) });
  }
  const { format, flags } = takeFormat(rest);
  const known = FORMATS.find((one) => one === format);
  if (known) return { name, format: known, flags };
  const facts = { name: "format", given: format, source: "--format", allowed: "json or yaml" };
  throw new ViadutoError("option_invalid", facts);
}

// All other flags are those of serve.
function takeFormat(argv: readonly string[]): { format: string; flags: readonly string[] } {
  const at = argv.findIndex((one) => one === "--format" || one.startsWith("--format="));
  if (at === -1) return { format: "json", flags: argv };
  const isApart = argv[at] === "--format";
  const format = isApart ? (argv[at + 1] ?? "") : (argv[at] ?? "").slice("--format=".length);
  return { format, flags: argv.toSpliced(at, isApart ? 2 : 1) };
}

// The routes are those of a bridge: of one that keeps nothing, and that nobody can reach.
async function buildRoutes(settings: Settings): Promise<object> {
  const quiet = toSettings({ data: ":memory:", will: "off", mqttPort: 0, wsPort: "off" });
  const log = createSilentLog();
  const options = { settings: quiet, log, handlers: BUILT_IN, isListening: false };
  await using bridge = await openBridge(options);
  const { routes } = createRoutes(toRouteParts(bridge, quiet, log));
  const hasToken = settings.httpToken !== undefined || settings.lan;
  return buildOpenApi(routes, { title: settings.documentTitle, hasToken });
}

async function buildTopics(settings: Settings): Promise<object> {
  return describeTopics(settings, await loadContent(settings), toHost(settings), undefined);
}

async function loadContent(settings: Settings): Promise<HandlerSet> {
  const { handlers: folder, handlerLoadTimeoutMs: loadTimeoutMs } = settings;
  if (folder === undefined) return BUILT_IN;
  const log = createSilentLog();
  const { content } = await HandlerFolder.open({
    folder,
    modules: HANDLER_MODULES,
    log,
    loadTimeoutMs,
  });
  const { failures, files } = content;
  for (const { error } of failures) process.stderr.write(`${escapeControl(error.message)}\n`);
  if (failures.length === 0) return content;
  const error = new ViadutoError("check_failed", { count: failures.length, files: files.length });
  process.stderr.write(`\nviaduto: ${error.message}\n  → ${error.hint}\n`);
  // Not thrown: a file that was loaded may have started a timer.
  return process.exit(1);
}

function toHost({ host }: Settings): string {
  return ["0.0.0.0", "::"].includes(host) ? "localhost" : host;
}

/** What would be logged is no part of the document. */
function createSilentLog() {
  return createLogger({
    name: "docs",
    level: "error",
    format: "text",
    colour: false,
    writer: { write: () => {}, flush: async () => {} },
  });
}
