// The client id of a bridge that was given none. A stable id keeps the session across restarts.

import { hostname } from "node:os";
import type { ReadFile } from "./source.ts";

/** Linux's own name for the machine, which outlives a change of host name (machine-id(5)). */
const MACHINE_ID_FILE = "/etc/machine-id";

/**
 * `viaduto-` and 12 hexadecimal digits, the same for a machine, origin and replica, which is empty
 * for a bridge that has no group. 20 characters, because
 * MQTT 3.1 refuses more than 23, and brokers of later versions need not take more [MQTT-3.1.3-5].
 */
export function buildClientId(origin: string, replica: string, readFile: ReadFile): string {
  // NUL can stand in none of the parts, so no two machines run into one text.
  const parts = [hostname(), readMachineId(readFile), origin, replica].join("\0");
  const digest = new Bun.CryptoHasher("sha256").update(parts).digest("hex");
  return `viaduto-${digest.slice(0, 12)}`;
}

function readMachineId(readFile: ReadFile): string {
  try {
    return readFile(MACHINE_ID_FILE).trim();
  } catch {
    return ""; // Other systems, and slim containers, have none: the host name must do.
  }
}
