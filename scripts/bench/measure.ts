// One measurement: the load generator against a contestant; and what an idle one weighs.

import { join } from "node:path";
import { type Contestant, DEFINITIONS, type Letter, type Stage } from "./contestants.ts";
import type { LoadOrder, LoadResult } from "./load-order.ts";
import type { Options } from "./options.ts";
import { readRssMegabytes } from "./proc.ts";

export type Measurement = {
  readonly letter: Letter;
  readonly window: number;
  readonly round: number;
  readonly messagesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time in milliseconds per 10,000 round trips. `all` is without the generator. */
  readonly cpu: Readonly<Record<CpuPart, number>>;
  /** Answers that came twice. */
  readonly duplicates: number;
};
export type CpuPart = "bridge" | "mosquitto" | "all" | "generator";

/** Resident memory of an idle contestant's processes, megabytes. */
export type Idle = {
  readonly letter: Letter;
  readonly bridge: number;
  readonly mosquitto: number;
};

/** How much longer than its own limit the generator may take before it is killed. */
const GENERATOR_EXTRA_MS = 30_000;

/** Throws with the generator's words when requests stay unanswered. */
export async function measure(
  contestant: Contestant,
  { window, round }: { readonly window: number; readonly round: number },
  { seconds, warmUpSeconds }: Options,
  { children }: Stage,
): Promise<Measurement> {
  const { letter, port, requestTopic, processes } = contestant;
  const pids = processes.map(({ pid }) => pid);
  const order: LoadOrder = { port, requestTopic, window, seconds, warmUpSeconds, pids };
  const command = [process.execPath, join(import.meta.dir, "load.ts"), JSON.stringify(order)];
  const generator = children.start(`the generator against ${DEFINITIONS[letter].name}`, command);
  const output = await generator.output((seconds + warmUpSeconds) * 1000 + GENERATOR_EXTRA_MS);
  const result: LoadResult = JSON.parse(output);
  const perTenThousand = (ms: number) => (ms * 10_000) / result.answers;
  const cpuOf = (name: string) => {
    return result.cpuMs.filter((_, at) => processes[at]?.name === name).reduce(add, 0);
  };
  return {
    letter,
    window,
    round,
    messagesPerSecond: result.answers / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpu: {
      bridge: perTenThousand(cpuOf("bridge")),
      mosquitto: perTenThousand(cpuOf("mosquitto")),
      all: perTenThousand(result.cpuMs.reduce(add, 0)),
      generator: perTenThousand(result.generatorCpuMs),
    },
    duplicates: result.duplicates,
  };
}

export function weigh({ letter, processes }: Contestant): Idle {
  const rssOf = (name: string) => {
    const named = processes.filter((process) => process.name === name);
    return named.map(({ pid }) => readRssMegabytes(pid)).reduce(add, 0);
  };
  return { letter, bridge: rssOf("bridge"), mosquitto: rssOf("mosquitto") };
}

function add(one: number, other: number): number {
  return one + other;
}
