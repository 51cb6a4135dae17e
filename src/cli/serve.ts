// `viaduto serve`: the bridge, from its banner to the signal that stops it.

import { type App, openApp } from "../app.ts";
import { readSettings, type Settings } from "../config/read.ts";
import { toReason, ViadutoError } from "../lib/errors.ts";
import { createLineWriter } from "../lib/line-writer.ts";
import { createLogger, type Logger } from "../lib/log.ts";
import { buildBanner, describeApp } from "./banner.ts";

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

export async function run(argv: readonly string[]): Promise<number> {
  const isTerminal = process.stdout.isTTY === true;
  const { settings } = readSettings({ argv, env: process.env, cwd: process.cwd(), isTerminal });
  refusePublicHost(settings);
  const writer = createLineWriter(process.stdout);
  const log = createLogger({
    name: "MQTTClient",
    level: settings.logLevel,
    format: settings.logFormat,
    colour: isTerminal && !process.env.NO_COLOR,
    writer,
  });
  const stopped = listenForStop(log);
  const app = await openApp(settings, log);
  if (settings.logFormat === "text") writer.write(buildBanner(settings, app));
  else log.info("viaduto is running", describeApp(settings, app));

  const exitCode = await stopped;
  await close(app, log);
  await writer.flush();
  // Connections that HTTP clients keep open, and do not use, hold no one up.
  process.exit(exitCode);
}

/** Resolves to the exit code when the process is told to stop; at the second signal it is gone. */
function listenForStop(log: Logger): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      log.info(`${signal}: finishing what runs; once more to leave at once`);
      resolve(0);
    });
  }
  // A defect: what is in memory can not be trusted. Whoever supervises us starts us again, and the
  // broker delivers again what was not acknowledged.
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (thrown: unknown) => {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      log.error(`defect, stopping: ${stack ?? toReason(thrown)}`);
      resolve(1);
    });
  }
  return promise;
}

async function close(app: App, log: Logger): Promise<void> {
  try {
    await app[Symbol.asyncDispose]();
    log.info("stopped");
  } catch (error) {
    log.problem("error", error);
  }
}

function refusePublicHost({ host, allowAnonymous }: Settings): void {
  if (!allowAnonymous && !LOOPBACK.test(host)) {
    throw new ViadutoError("listen_public_refused", { host });
  }
}
