// pub and sub as people run them: processes of their own, beside Mosquitto's, against both brokers.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { listVariables, OPTIONS } from "../../src/config/options.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { type RunningProcess, type RunResult, run, spawnProcess } from "../kit/processes.ts";

export const MAIN = join(import.meta.dir, "../../src/main.ts");
const UNSET = Object.fromEntries(OPTIONS.flatMap(listVariables).map((name) => [name, undefined]));

export const MOSQUITTO_PARTS = ["mosquitto", "mosquitto_pub", "mosquitto_sub"] as const;
/** -V of both families of tools. */
export const VERSIONS = ["5", "311", "31"] as const;
export const LINES: readonly string[] = Array.from({ length: 1_000 }, (_, at) => `line ${at}`);
/** Every byte there is, the newline and what is no UTF-8 included. */
export const ALL_BYTES: Buffer = Buffer.from(Array.from({ length: 1_024 }, (_, at) => at % 256));

export type SomeBroker = AsyncDisposable & { readonly port: number; readonly wsPort: number };

/** Name → how to start it. */
export const BROKERS: readonly (readonly [string, () => Promise<SomeBroker>])[] = [
  ["Mosquitto", () => startMosquitto({ websocket: true })],
  ["the embedded broker", () => startEmbedded()],
];

type ToolOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
};

/** Runs a command of viaduto to its end. */
export function runTool(argv: readonly string[], options: ToolOptions = {}): Promise<RunResult> {
  return run(process.execPath, [MAIN, ...argv], toProcessOptions(options));
}

/** Starts one that runs beside the test; its input stays open unless it is given. */
export function startTool(argv: readonly string[], options: ToolOptions = {}): RunningProcess {
  return spawnProcess(process.execPath, [MAIN, ...argv], toProcessOptions(options));
}

/** `viaduto sub`, once it has subscribed. */
export async function startSub(port: number, argv: readonly string[]): Promise<RunningProcess> {
  const sub = startTool(["sub", ...at(port), "-d", ...argv]);
  await sub.waitForLine(/^subscribed to /);
  return sub;
}

/** `mosquitto_sub`, once it has subscribed: it shows a retained message that is asked for last. */
export async function startMosquittoSub(
  port: number,
  argv: readonly string[],
): Promise<RunningProcess> {
  await runMosquittoPub(port, ["-t", "ready", "-r", "-m", "ready"]);
  const sub = spawnProcess("mosquitto_sub", [...at(port), ...argv, "-t", "ready"]);
  await sub.waitForLine(/ready/);
  return sub;
}

export function runMosquittoPub(
  port: number,
  argv: readonly string[],
  stdin = "",
): Promise<RunResult> {
  return run("mosquitto_pub", [...at(port), ...argv], { stdin });
}

export function at(port: number): string[] {
  return ["-h", "127.0.0.1", "-p", String(port)];
}

/** Lines of standard output, without those that `startMosquittoSub` asked for. */
export function listLines(stdout: string): string[] {
  return stdout.split("\n").filter((line) => line !== "" && !line.includes("ready"));
}

function toProcessOptions({ env = {}, stdin }: ToolOptions) {
  return {
    cwd: tmpdir(),
    env: { ...UNSET, ...env },
    ...(stdin !== undefined && { stdin }),
  };
}
