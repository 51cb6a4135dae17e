// `bun run bench:explorer`: the explorer's tree of topics in Chromium while many topics change, and
// what the compiled binary gets done meanwhile, with the page and without. Linux only. `--help`
// tells the flags.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startBinary } from "../test/kit/bridge.ts";
import { measureArrivals } from "./bench/arrivals.ts";
import { provideBinary } from "./bench/binary.ts";
import { describeMachine, toMachineLine } from "./bench/machine.ts";
import { readCpuMs, readRssMegabytes } from "./bench/proc.ts";
import { openReporter } from "./bench/reporter.ts";
import { align } from "./bench/table.ts";
import type { LoadReport } from "./bench/topic-load.ts";
import { type WatchedPage, watchPage } from "./bench/watched-page.ts";

const HELP = `bun run bench:explorer [flags]

  --seconds S     how long the page is watched (60)
  --topics N      topics that change (2000)
  --rate N        messages in a second (5000)
  --alone S       how long the bridge is measured without the page, before and after (15)
  --arrivals N    topics that appear one by one before that (30)
  --binary FILE   viaduto's binary (dist/viaduto, built when older than src)
`;
const number = (value: string) => ({ type: "string", default: value }) as const;
const { values } = parseArgs({
  options: {
    seconds: number("60"),
    topics: number("2000"),
    rate: number("5000"),
    alone: number("15"),
    arrivals: number("30"),
    binary: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const WARM_UP_MS = 10_000;
const PART_SECONDS = 5;

type Row = LoadReport & { readonly name: string; readonly seconds: number; readonly cpu: number };

async function run(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "viaduto-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  console.log(toMachineLine(describeMachine()));
  const binary = await provideBinary(values.binary, directory, console.error);
  await showArrivals(binary);
  const bridge = stack.use(await startBinary({ binary }));
  const { pid } = bridge.process;
  const args = [String(bridge.mqttPort), values.topics, values.rate];
  const load = stack.use(await openReporter<LoadReport>("topic-load.ts", args));
  const measure = async (name: string, waiting: Promise<unknown>): Promise<Row> => {
    await load.ask();
    const [startMs, cpuMs] = [performance.now(), readCpuMs(pid)];
    await waiting;
    const elapsedMs = performance.now() - startMs;
    const cpu = (readCpuMs(pid) - cpuMs) / elapsedMs;
    return { name, ...(await load.ask()), seconds: elapsedMs / 1_000, cpu };
  };
  const alone = () => sleep(Number(values.alone) * 1_000);
  await sleep(WARM_UP_MS);
  const rows = [await measure("without the page", alone())];
  {
    await using page = await watchPage(`${bridge.url}/`, Number(values.topics));
    await sleep(WARM_UP_MS);
    rows.push(await measure("with the page", watch(page)));
  }
  rows.push(await measure("without it again", alone()));
  console.log(align([HEAD, ...rows.map(toCells)]).join("\n"));
  console.log(`the bridge has ${readRssMegabytes(pid).toFixed(0)} MB in memory`);
}

/** At a bridge of its own, which is otherwise quiet. */
async function showArrivals(binary: string): Promise<void> {
  await using bridge = await startBinary({ binary });
  const { url, mqttPort } = bridge;
  const waitedMs = await measureArrivals(`${url}/`, mqttPort, Number(values.arrivals));
  const [median = 0, last = 0] = [0.5, 1].map((part) => {
    return waitedMs.sort((one, other) => one - other)[Math.ceil(waitedMs.length * part) - 1];
  });
  console.log(`from mosquitto_pub to the tree: median ${median} ms, at most ${last} ms`);
}

/** Measures frames part by part, and the heap at both ends. */
async function watch(page: WatchedPage): Promise<void> {
  const startBytes = await page.readHeapBytes();
  await page.takeFrames();
  const startCpu = await page.readCpuSeconds();
  const rates: number[] = [];
  let [longestMs, frames] = [0, 0];
  for (let second = 0; second < Number(values.seconds); second += PART_SECONDS) {
    await sleep(PART_SECONDS * 1_000);
    const part = await page.takeFrames();
    rates.push(part.frames / part.seconds);
    frames += part.frames;
    longestMs = Math.max(longestMs, part.longestMs);
  }
  const endCpu = await page.readCpuSeconds();
  const endBytes = await page.readHeapBytes();
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const [least, most] = [Math.min(...rates), mean].map((rate) => rate.toFixed(1));
  console.log(`frames/s while scrolling: ${most}, in the worst ${PART_SECONDS} s ${least}`);
  console.log(`longest pause between two frames: ${longestMs.toFixed(0)} ms`);
  const perFrame = (seconds: number) => ((seconds * 1_000) / frames).toFixed(1);
  const [all, script] = [endCpu.all - startCpu.all, endCpu.script - startCpu.script];
  console.log(`CPU of a frame: ${perFrame(all)} ms, ${perFrame(script)} ms of it script`);
  const [start, end] = [startBytes, endBytes].map((bytes) => (bytes / 1_000_000).toFixed(1));
  console.log(`heap of the page: ${start} MB, after ${values.seconds} s ${end} MB`);
  console.log(`the page says: ${await page.readBudget()}`);
}

const HEAD = ["", "published/s", "delivered/s", "CPU of the bridge"];

function toCells({ name, published, received, seconds, cpu }: Row): string[] {
  const rates = [published, received].map((count) => (count / seconds).toFixed(0));
  return [name, ...rates, cpu.toFixed(2)];
}

if (values.help) console.log(HELP);
else await run();
