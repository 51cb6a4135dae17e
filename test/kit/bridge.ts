// The bridge under test: in this process (`startBridge`), or as the compiled binary
// (`startBinary`). Both listen on free ports of 127.0.0.1 and leave with `await using`.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, openApp } from "../../src/app.ts";
import { readSettings } from "../../src/config/read.ts";
import { createLogger } from "../../src/lib/log.ts";
import type { AnyHandler, CommonHooks } from "../../src/topics/handler.ts";
import { toHandlerSet } from "../../src/topics/handler-set.ts";
import * as viaduto from "../../src/viaduto.ts";
import { createLogLines } from "./log-lines.ts";
import { type RunningProcess, spawnProcess } from "./processes.ts";

/** Flags for free ports, before the given ones. */
function addFreePorts(flags: readonly string[]): string[] {
  // Next to --broker, --mqtt-port is refused: there is no embedded broker to listen.
  const own = flags.includes("--broker") ? [] : ["--mqtt-port", "0", "--ws-port", "0"];
  return ["--port", "0", ...own, ...flags];
}

export type Bridge = AsyncDisposable & {
  readonly app: App;
  /** The embedded broker's TCP port; 0 with an external one. */
  readonly mqttPort: number;
  readonly url: string;
  /** Every log line so far. */
  readonly lines: readonly string[];
  waitForLine(pattern: RegExp): Promise<string>;
};

/** The bridge in this process, with flags as on the command line. */
export async function startBridge(
  options: {
    readonly flags?: readonly string[];
    readonly handlers?: readonly (AnyHandler | CommonHooks)[];
  } = {},
): Promise<Bridge> {
  const clientId = `bridge-${crypto.randomUUID().slice(0, 8)}`;
  const { settings } = readSettings({
    argv: addFreePorts(["--client-id", clientId, "--data", ":memory:", ...(options.flags ?? [])]),
    env: {},
    cwd: tmpdir(),
    isTerminal: true,
  });
  const { logLevel: level, logFormat: format } = settings;
  const { writer, lines, waitForLine } = createLogLines();
  const log = createLogger({ name: "MQTTClient", level, format, colour: false, writer });
  const { handlers } = options;
  const app = await openApp({
    settings,
    log,
    ...(handlers && { handlers: toHandlerSet(handlers) }),
    modules: { viaduto },
  });
  return {
    app,
    mqttPort: app.listening?.mqttPort ?? 0,
    url: `http://127.0.0.1:${app.httpPort}`,
    lines,
    waitForLine,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

export const BINARY = join(import.meta.dir, "../../dist/viaduto");

export type BinaryBridge = AsyncDisposable & {
  readonly process: RunningProcess;
  /** The embedded broker's TCP and WebSocket ports; 0 with an external one. */
  readonly mqttPort: number;
  readonly wsPort: number;
  readonly url: string;
};

/** The compiled binary, started in an empty directory; resolves when its banner is there. */
export async function startBinary(
  options: {
    readonly flags?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** dist/viaduto when absent. */
    readonly binary?: string;
  } = {},
): Promise<BinaryBridge> {
  const cwd = await mkdtemp(join(tmpdir(), "viaduto-empty-"));
  const flags = [...addFreePorts(options.flags ?? []), "--log-format", "text"];
  const process = spawnProcess(options.binary ?? BINARY, flags, { cwd, env: options.env ?? {} });
  const [, port = "0"] = await process.waitForLine(/^ {2}HTTP +http:\/\/127\.0\.0\.1:(\d+)/);
  await process.waitForLine(/^ {4}(mosquitto_pub|viaduto pub) /);
  const find = (pattern: RegExp) => {
    const match = process.lines.map((line) => pattern.exec(line)).find((found) => found !== null);
    return Number(match?.[1] ?? 0);
  };
  return {
    process,
    mqttPort: find(/^ {2}MQTT +mqtt:\/\/127\.0\.0\.1:(\d+)/),
    wsPort: find(/^ {2}WebSocket +ws:\/\/127\.0\.0\.1:(\d+)/),
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await rm(cwd, { recursive: true, force: true });
    },
  };
}
