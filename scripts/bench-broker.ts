// `bun run bench:broker`: the embedded broker of the compiled binary beside Debian's Mosquitto, in
// the same run. Use the ratios, never the absolute figures. Linux only. `--help` tells the flags.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provideBinary } from "./bench/binary.ts";
import { measureIdle } from "./bench/broker-idle.ts";
import { measureKills } from "./bench/broker-kill.ts";
import {
  type BrokerBenchOptions,
  type Part,
  parseBrokerBenchOptions,
} from "./bench/broker-options.ts";
import type { Bench, Section } from "./bench/broker-part.ts";
import { measureReplay } from "./bench/broker-replay.ts";
import { measureSlow } from "./bench/broker-slow.ts";
import { measureDurable, measureThroughput } from "./bench/broker-throughput.ts";
import { openChildren } from "./bench/children.ts";
import { describeMachine, toMachineLine } from "./bench/machine.ts";
import { align } from "./bench/table.ts";

const MEASURES: Readonly<Record<Part, (bench: Bench) => Promise<Section>>> = {
  throughput: measureThroughput,
  durable: measureDurable,
  idle: measureIdle,
  slow: measureSlow,
  replay: measureReplay,
  kill: measureKills,
};

async function run(options: BrokerBenchOptions): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "viaduto-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const children = stack.use(openChildren(directory));
  leaveOnSignal(() => stack.disposeAsync());

  const machine = describeMachine();
  const binary = await provideBinary(options.binary, directory, say);
  const stage = { children, directory, binary, logLevel: options.logLevel };
  if (!options.isJson) console.log(`${toMachineLine(machine)}\nMedians (min–max).`);
  const sections: Section[] = [];
  for (const part of options.parts) {
    const section = await MEASURES[part]({ stage, options, say });
    sections.push(section);
    if (!options.isJson) console.log(toText(section));
  }
  if (options.isJson) console.log(JSON.stringify({ options, machine, sections }, null, 2));
}

function toText({ title, rows, notes }: Section): string {
  return ["", title, ...align(rows), ...notes.map((note) => `  ${note}`)].join("\n");
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function leaveOnSignal(dispose: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void dispose().finally(() => process.exit(1)));
  }
}

try {
  if (process.platform !== "linux") throw new Error("the benchmark reads /proc: Linux only");
  const options = parseBrokerBenchOptions(process.argv.slice(2));
  if (options) await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
