// Where the figures were taken: without it they say nothing.

import { cpus, loadavg, release } from "node:os";
import { findExecutable } from "../debian-parts.ts";

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  /** Of the last minute, before the benchmark began. */
  readonly loadAverage: number;
  readonly linux: string;
  readonly bun: string;
  readonly mosquitto: string;
};

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    loadAverage: loadavg()[0] ?? 0,
    linux: release(),
    bun: Bun.version,
    mosquitto: readMosquittoVersion(),
  };
}

export function toMachineLine(machine: Machine): string {
  const { cpu, cores, loadAverage, linux, bun, mosquitto } = machine;
  const load = `load average ${loadAverage.toFixed(2)}`;
  return `${cpu}, ${cores} cores, ${load}, Linux ${linux}, Bun ${bun}, Mosquitto ${mosquitto}`;
}

function readMosquittoVersion(): string {
  const executable = findExecutable("mosquitto");
  if (!executable) return "none";
  const { stdout } = Bun.spawnSync([executable, "-h"]); // It has no flag for its version alone.
  return /^mosquitto version (\S+)/.exec(stdout.toString())?.[1] ?? "unknown";
}
