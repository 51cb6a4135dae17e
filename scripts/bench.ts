// `bun run bench`: round trips of the main job, viaduto beside the plainest program that does it.
// Every contestant takes its turn in every round, so that a busy machine is busy for all of them;
// use the ratios, never the absolute figures. Linux only. `--help` tells the flags.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { provideBinary } from "./bench/binary.ts";
import { openChildren } from "./bench/children.ts";
import { DEFINITIONS, type Letter, openContestant, type Stage } from "./bench/contestants.ts";
import { describeMachine } from "./bench/machine.ts";
import { type Idle, type Measurement, measure, weigh } from "./bench/measure.ts";
import { type Options, parseOptions } from "./bench/options.ts";
import { buildReport, type Figures, summarizeAllRatios } from "./bench/report.ts";
import { timeStarts } from "./bench/starts.ts";

const IDLE_MS = 2_000;
const HEATING_SECONDS = 2;
const HEATING_WINDOW = 64;
const COMPLAINT_LINES_MAX = 20;

async function run(options: Options): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "viaduto-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const children = stack.use(openChildren(directory));
  leaveOnSignal(() => stack.disposeAsync());

  const machine = describeMachine();
  const isWanted = options.letters.some((letter) => "BCFG".includes(letter));
  const binary = isWanted ? await provideBinary(options.binary, directory, say) : "";
  const stage: Stage = { children, directory, binary, logLevel: options.logLevel };
  try {
    const figures = await takeFigures(options, stage);
    print({ machine, ...figures, complaints: await readComplaints(directory) }, options);
  } catch (error) {
    // Told to stop, the directory may be gone already.
    for (const line of await readComplaints(directory).catch(() => [])) say(line);
    throw error;
  }
}

async function takeFigures(options: Options, stage: Stage) {
  const { letters, starts: count } = options;
  const measurements: Measurement[] = [];
  const idle: Idle[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const taking = letters.filter((letter) => round === 1 || !DEFINITIONS[letter].isCalibration);
    await runRound(round, taking, options, stage, measurements, idle);
  }
  const bridges = letters.filter((letter) => !DEFINITIONS[letter].isCalibration);
  if (count > 0) say(`${count} starts of each bridge`);
  return { measurements, idle, starts: await timeStarts(bridges, count, stage) };
}

async function runRound(
  round: number,
  letters: readonly Letter[],
  options: Options,
  stage: Stage,
  measurements: Measurement[],
  idle: Idle[],
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const contestants = [];
  for (const letter of letters) contestants.push(stack.use(await openContestant(letter, stage)));
  await sleep(IDLE_MS);
  const bridges = contestants.filter(({ letter }) => !DEFINITIONS[letter].isCalibration);
  idle.push(...bridges.map(weigh));
  // Each runs for a while before anything counts: its code is not compiled yet.
  const heating = { ...options, seconds: HEATING_SECONDS };
  const heat = { window: HEATING_WINDOW, round };
  for (const contestant of contestants) await measure(contestant, heat, heating, stage);
  for (const window of options.windows) {
    for (const contestant of contestants) {
      const measurement = await measure(contestant, { window, round }, options, stage);
      measurements.push(measurement);
      const rate = Math.round(measurement.messagesPerSecond);
      const { name } = DEFINITIONS[contestant.letter];
      say(`round ${round} of ${options.rounds}, window ${window}, ${name}: ${rate} msg/s`);
    }
  }
}

// A bridge that runs undisturbed has nothing to warn of.
async function readComplaints(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".log"));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  const lines = texts.flatMap((text, at) => {
    const said = text.split("\n").filter((line) => line !== "");
    return said.map((line) => `  ${names[at]?.charAt(0)} ${line}`);
  });
  const more = lines.length - COMPLAINT_LINES_MAX;
  return more > 0 ? [...lines.slice(0, COMPLAINT_LINES_MAX), `  … ${more} more lines`] : lines;
}

function print(figures: Figures, options: Options): void {
  const ratios = summarizeAllRatios(figures.measurements);
  if (options.isJson) console.log(JSON.stringify({ options, ...figures, ratios }, null, 2));
  else console.log(buildReport(figures));
}

/** Progress; beside the figures, so that those can be redirected. */
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
  const options = parseOptions(process.argv.slice(2));
  if (options) await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
