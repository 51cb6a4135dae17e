// What pub and sub say on stderr: errors in main's words, and with -d what happens.

import { toViadutoError, type ViadutoError } from "../lib/errors.ts";
import { escapeControl } from "../lib/log.ts";
import type { Flags } from "./flag-reading.ts";

export type Say = (words: string) => void;

/** Says what happens when -d asks for it, and nothing otherwise. */
export function createSay(flags: Flags): Say {
  if (!flags.has("debug")) return () => {};
  return (words) => void process.stderr.write(`${escapeControl(words)}\n`);
}

/** An error that does not end the command. */
export function warn(flags: Flags, { message, hint }: ViadutoError): void {
  if (flags.has("quiet")) return;
  process.stderr.write(`viaduto: ${escapeControl(message)}\n  → ${escapeControl(hint)}\n`);
}

/**
 * The exit code of the work. With --quiet a failure is a code without words; that the command was
 * used wrongly is said anyway, as mosquitto_pub does.
 */
export async function runQuietly(flags: Flags, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (thrown) {
    const { exitCode } = toViadutoError(thrown);
    if (!flags.has("quiet") || exitCode === 2) throw thrown;
    return exitCode;
  }
}
