// Standard output, written before the next packet is read: a reader that is slow slows the broker
// down by TCP, and no message waits in memory. It is what mosquitto_sub does. Used by sub, which
// has nothing else to do meanwhile; the bridge never blocks and has lib/line-writer.

import { writeSync } from "node:fs";
import { toReason, ViadutoError } from "../lib/errors.ts";

const STDOUT = 1;
/** How long a pipe that takes nothing is left alone. */
const FULL_WAIT_MS = 5;

/** Writes all bytes. False when the reader has left; throws `output_unwritable`. */
export function writeOutput(bytes: Uint8Array): boolean {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(STDOUT, bytes, written);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
      if (code === "EPIPE") return false;
      // A pipe that another program has set to non-blocking, and that is full.
      if (code === "EAGAIN") Bun.sleepSync(FULL_WAIT_MS);
      else throw new ViadutoError("output_unwritable", { reason: toReason(cause) }, { cause });
    }
  }
  return true;
}
