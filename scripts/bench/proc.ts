// What Linux tells of a process: its CPU time and its memory. There is no other portable way to
// read another process' CPU time, so the benchmark runs on Linux only.

import { readFileSync } from "node:fs";

/** USER_HZ, the unit of /proc/<pid>/stat: 100 on every architecture that Bun runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time so far in milliseconds, user and system, with that of children that have ended. */
export function readCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field, the name, may itself have spaces and brackets (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
  const ticks = (user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0);
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** Memory in megabytes (10^6 bytes) that is resident now: VmRSS. */
export function readRssMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
  return (kibibytes * 1024) / 1_000_000;
}
