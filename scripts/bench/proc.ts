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

/** Memory in megabytes (10^6 bytes) that is resident now. */
export function readRssMegabytes(pid: number): number {
  return readMegabytes(pid, "VmRSS");
}

/** The most that was resident so far, megabytes. */
export function readRssPeakMegabytes(pid: number): number {
  return readMegabytes(pid, "VmHWM");
}

function readMegabytes(pid: number, name: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kibibytes = Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return (kibibytes * 1024) / 1_000_000;
}

/** States of /proc/net/tcp (include/net/tcp_states.h): not a connection yet, or not any more. */
const NO_CONNECTION = ["06", "07", "0A"]; // TIME_WAIT, CLOSE, LISTEN

/** Connections that the process that listens on this port of 127.0.0.1 has open. */
export function countConnections(port: number): number {
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return lines.filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return local?.endsWith(suffix) && !NO_CONNECTION.includes(state ?? "");
  }).length;
}
