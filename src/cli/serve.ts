// `viaduto serve`: the bridge, from its banner to the signal that stops it.

import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type App, openApp } from "../app.ts";
import { refusePublic } from "../config/reach.ts";
import { readSettings, type Settings } from "../config/read.ts";
import { toReason, ViadutoError } from "../lib/errors.ts";
import { createLineWriter, type LineWriter } from "../lib/line-writer.ts";
import { createLogger, type Logger } from "../lib/log.ts";
import { buildBanner, describeApp } from "./banner.ts";
import { HANDLER_MODULES } from "./handler-modules.ts";
import { isFromHandlers } from "./uncaught.ts";

/** How long the last lines may take to leave when nobody reads them. */
const FLUSH_TIMEOUT_MS = 2_000;

/**
 * Runs the bridge until a signal or a defect, then ends the process: 0, or 1 after a defect, or
 * when the disk did not take the last changes. Throws what
 * `readSettings` and `openApp` throw, and `listen_public_refused`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const isTerminal = process.stdout.isTTY === true;
  const { settings } = readSettings({ argv, env: process.env, cwd: process.cwd(), isTerminal });
  refusePublic(settings, true);
  const writer = createLineWriter(process.stdout);
  const log = createLogger({
    name: "MQTTClient",
    level: settings.logLevel,
    format: settings.logFormat,
    colour: isTerminal && !process.env.NO_COLOR,
    writer,
  });
  const stop = listenForStop(log, settings.handlers);
  let app: App | undefined;
  listenForReload(stop, isTerminal, () => app?.reload());
  app = await openUnlessStopped(settings, log, stop.signal);
  const terminal = isTerminal ? process.stdout : undefined;
  if (app && settings.logFormat === "text") writer.write(buildBanner(settings, app, terminal));
  else if (app) log.info("viaduto is running", describeApp(settings, app));

  const exitCode = await stop.exitCode;
  const isWhole = await close(app, log);
  await flush(writer);
  // Connections that HTTP clients keep open, and do not use, hold no one up.
  process.exit(isWhole ? exitCode : 1);
}

type Stop = {
  /** Aborted when the process is told to stop, or has a defect. */
  readonly signal: AbortSignal;
  /** Resolves at the same moment. */
  readonly exitCode: Promise<number>;
  /** Stops it as a first signal does. */
  readonly now: () => void;
};

/** Listens for what stops the process; at the second signal it is gone. */
function listenForStop(log: Logger, folder: string | undefined): Stop {
  const { promise: exitCode, resolve } = Promise.withResolvers<number>();
  const abort = new AbortController();
  const stop = (code: number) => {
    resolve(code);
    abort.abort();
  };
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      log.info(`${signal}: finishing what runs; once more to leave at once`);
      stop(0);
    });
  }
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (thrown: unknown) => {
      const words = (thrown instanceof Error && thrown.stack) || toReason(thrown);
      if (isFromHandlers(thrown, folder)) {
        return log.error(`not caught, in a handler; the others go on: ${words}`);
      }
      // A defect: what is in memory cannot be trusted. Whoever supervises us starts us again, and
      // the broker delivers again what was not acknowledged.
      log.error(`defect, stopping: ${words}`);
      stop(1);
    });
  }
  return { signal: abort.signal, exitCode, now: () => stop(0) };
}

/** SIGHUP: what may change while it runs is read again. */
function listenForReload(
  stop: Stop,
  isTerminal: boolean,
  reload: () => Promise<void> | undefined,
): void {
  process.on("SIGHUP", () => {
    // A terminal that is closed says the same, and takes with it what was started there.
    if (isTerminal && isTerminalGone()) stop.now();
    else void reload();
  });
}

function isTerminalGone(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return false;
  } catch {
    return true; // ENXIO: this process has none any more (tty(4)).
  }
}

/** The app, running; undefined when the signal ended the start. */
async function openUnlessStopped(
  settings: Settings,
  log: Logger,
  signal: AbortSignal,
): Promise<App | undefined> {
  try {
    return await openApp({ settings, log, modules: HANDLER_MODULES, signal });
  } catch (error) {
    if (signal.aborted && error instanceof ViadutoError && error.code === "link_closed") {
      return undefined; // What was open is closed; to stop early is no failure.
    }
    throw error;
  }
}

/** False when what was acknowledged may be lost: the disk did not take the last changes. */
async function close(app: App | undefined, log: Logger): Promise<boolean> {
  try {
    await app?.[Symbol.asyncDispose]();
    log.info("stopped");
  } catch (error) {
    log.problem("error", error);
  }
  return app?.storeProblem() === undefined;
}

// A pipe that is full, and that nobody reads, would otherwise keep the process for ever.
async function flush(writer: LineWriter): Promise<void> {
  const waited = new AbortController();
  const timeout = sleep(FLUSH_TIMEOUT_MS, undefined, { signal: waited.signal }).catch(() => {
    // Aborted: all lines have left.
  });
  await Promise.race([writer.flush(), timeout]);
  waited.abort();
}
