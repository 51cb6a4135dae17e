// Tells when a file has become another. Called by loaded-file. It looks from time to time and asks
// for no notices: a file that is mounted alone, as in containers, one behind a link, and one on a
// network drive send none, and two looks a second cost nothing.

import { stat } from "node:fs/promises";
import { type Clock, SYSTEM_CLOCK } from "../lib/clock.ts";

const LOOK_MS = 500;

/** What tells one state of a file from another; also of a file that is not there. */
export async function readFingerprint(file: string): Promise<string> {
  try {
    const { dev, ino, size, mode, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mode, mtimeNs, ctimeNs].join(":");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/**
 * Yields when the file is not what it was at the fingerprint, or at the last yield, and two looks
 * agree: a file that is being written, or that is away for a moment while another takes its place,
 * is left alone. Ends when the signal is aborted.
 */
export async function* watchFile(
  file: string,
  fingerprint: string,
  signal: AbortSignal,
  clock: Clock = SYSTEM_CLOCK,
): AsyncGenerator<void> {
  let told = fingerprint;
  let seen = fingerprint;
  for (;;) {
    await clock.wait(LOOK_MS, signal);
    if (signal.aborted) return;
    const found = await readFingerprint(file);
    const isQuiet = found === seen;
    seen = found;
    if (!isQuiet || found === told) continue;
    told = found;
    yield;
  }
}
