// The figures as tables: for each window the medians with their range, then the ratios that the
// goals are about. Pure: text from numbers.

import { DEFINITIONS, type Letter } from "./contestants.ts";
import { type Machine, toMachineLine } from "./machine.ts";
import type { Idle, Measurement } from "./measure.ts";
import type { Start } from "./starts.ts";
import { type Summary, summarize, summarizeRatios } from "./statistics.ts";
import { align, format } from "./table.ts";

export type Figures = {
  readonly machine: Machine;
  readonly measurements: readonly Measurement[];
  readonly idle: readonly Idle[];
  readonly starts: readonly Start[];
  /** What the bridges said that they had no reason to say. */
  readonly complaints: readonly string[];
};

type Value = (measurement: Measurement) => number;

type Ratio = {
  readonly name: string;
  readonly letter: Letter;
  readonly by: Letter;
  readonly value: Value;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
};

const toRate: Value = ({ messagesPerSecond }) => messagesPerSecond;
const toBridgeCpu: Value = ({ cpu }) => cpu.bridge;
const toAllCpu: Value = ({ cpu }) => cpu.all;

const external = { letter: "B", by: "A" } as const;
const embedded = { letter: "C", by: "A" } as const;
const RATIOS: readonly Ratio[] = [
  { ...external, name: "external / plain, msg/s", value: toRate, goal: { atLeast: 0.95 } },
  {
    ...external,
    name: "external / plain, CPU of bridge",
    value: toBridgeCpu,
    goal: { atMost: 1.15 },
  },
  { ...external, name: "external / plain, CPU of all", value: toAllCpu, goal: { atMost: 1.15 } },
  {
    ...embedded,
    name: "embedded / plain + Mosquitto, msg/s",
    value: toRate,
    goal: { atLeast: 1.6 },
  },
  {
    ...embedded,
    name: "embedded / plain + Mosquitto, CPU",
    value: toAllCpu,
    goal: { atMost: 0.5 },
  },
  {
    name: "embedded, history on / off, msg/s",
    letter: "C",
    by: "F",
    value: toRate,
    goal: { atLeast: 0.85 },
  },
  {
    name: "external, history on / off, msg/s",
    letter: "B",
    by: "G",
    value: toRate,
    goal: { atLeast: 0.85 },
  },
  { name: "Mosquitto alone / plain, msg/s", letter: "D", by: "A", value: toRate },
  { name: "generator alone / embedded, msg/s", letter: "E", by: "C", value: toRate },
];

const COLUMNS: readonly {
  readonly name: string;
  readonly value: Value;
  readonly digits: number;
}[] = [
  { name: "msg/s", value: toRate, digits: 0 },
  { name: "p50 ms", value: ({ p50Ms }) => p50Ms, digits: 3 },
  { name: "p99 ms", value: ({ p99Ms }) => p99Ms, digits: 3 },
  { name: "CPU bridge", value: toBridgeCpu, digits: 0 },
  { name: "CPU mosquitto", value: ({ cpu }) => cpu.mosquitto, digits: 0 },
  { name: "CPU all", value: toAllCpu, digits: 0 },
  { name: "CPU generator", value: ({ cpu }) => cpu.generator, digits: 0 },
];

export type RatioSummary = Summary & {
  readonly name: string;
  readonly window: number;
  readonly goal: string;
  readonly isReached: boolean | undefined;
};

/** Each ratio at each window: per round, then the median of the rounds. */
export function summarizeAllRatios(measurements: readonly Measurement[]): RatioSummary[] {
  return toWindows(measurements).flatMap((window) =>
    RATIOS.flatMap(({ name, letter, by, value, goal }) => {
      const at = measurements.filter((one) => one.window === window);
      const pairs = at.flatMap((one) => {
        const other = at.find((each) => each.letter === by && each.round === one.round);
        return one.letter === letter && other ? [[value(one), value(other)] as const] : [];
      });
      if (pairs.length === 0) return [];
      const ratio = summarizeRatios(pairs);
      return [{ name, window, ...ratio, ...judge(ratio.median, goal) }];
    }),
  );
}

function judge(median: number, goal: Ratio["goal"]) {
  if (!goal) return { goal: "", isReached: undefined };
  if ("atLeast" in goal) return { goal: `≥ ${goal.atLeast}`, isReached: median >= goal.atLeast };
  return { goal: `≤ ${goal.atMost}`, isReached: median <= goal.atMost };
}

export function buildReport({ machine, measurements, idle, starts, complaints }: Figures): string {
  const lines = [toMachineLine(machine)];
  lines.push(
    "Medians (min–max); CPU in ms per 10,000 round trips, without the generator in 'all'.",
  );
  for (const window of toWindows(measurements)) {
    lines.push("", `window ${window}`, ...buildTable(measurements, window));
  }
  lines.push("", "ratios, paired by round", ...buildRatios(measurements));
  if (idle.length > 0) lines.push("", "idle for 2 s, resident MB", ...buildIdle(idle));
  if (starts.length > 0) lines.push("", "start to first answer, ms", ...buildStarts(starts));
  if (complaints.length > 0) lines.push("", "what the bridges said", ...complaints);
  return lines.join("\n");
}

function buildTable(measurements: readonly Measurement[], window: number): string[] {
  const at = measurements.filter((one) => one.window === window);
  const rows = toLetters(at).map((letter) => {
    const own = at.filter((one) => one.letter === letter);
    const cells = COLUMNS.map(({ value, digits }) => format(summarize(own.map(value)), digits));
    const duplicates = own.reduce((sum, one) => sum + one.duplicates, 0);
    return [toName(letter), ...cells, duplicates > 0 ? `${duplicates} answers came twice` : ""];
  });
  return align([["", ...COLUMNS.map(({ name }) => name), ""], ...rows]);
}

function buildRatios(measurements: readonly Measurement[]): string[] {
  const rows = summarizeAllRatios(measurements).map(
    ({ name, window, goal, isReached, ...ratio }) => {
      const outcome = isReached === undefined ? "" : isReached ? "reached" : "MISSED";
      return [name, `window ${window}`, format(ratio, 2), goal && `goal ${goal}`, outcome];
    },
  );
  return align(rows);
}

function buildIdle(idle: readonly Idle[]): string[] {
  const rows = toLetters(idle).map((letter) => {
    const own = idle.filter((one) => one.letter === letter);
    const cell = (part: "bridge" | "mosquitto") =>
      format(summarize(own.map((one) => one[part])), 1);
    return [toName(letter), cell("bridge"), cell("mosquitto")];
  });
  return align([["", "bridge", "mosquitto"], ...rows]);
}

function buildStarts(starts: readonly Start[]): string[] {
  const rows = toLetters(starts).map((letter) => {
    const own = starts.filter((one) => one.letter === letter);
    const milliseconds = own.map((one) => one.milliseconds);
    return [toName(letter), format(summarize(milliseconds), 0), `${own.length} starts`];
  });
  return align(rows);
}

function toName(letter: Letter): string {
  return `${letter} ${DEFINITIONS[letter].name}`;
}

function toLetters(those: readonly { readonly letter: Letter }[]): Letter[] {
  return [...new Set(those.map(({ letter }) => letter))].sort();
}

function toWindows(measurements: readonly Measurement[]): number[] {
  return [...new Set(measurements.map(({ window }) => window))];
}
