// Free ports for programs that cannot choose one themselves.

import { findFreePort } from "../../scripts/free-port.ts";

const ATTEMPTS_MAX = 5;

/** Calls `start` with free ports, and again with others as long as it says that one was taken. */
export async function withFreePorts<T>(
  count: number,
  start: (ports: number[]) => Promise<T | "port-taken">,
): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const started = await start(await Promise.all(Array.from({ length: count }, findFreePort)));
    if (started !== "port-taken") return started;
  }
  throw new Error(`in ${ATTEMPTS_MAX} attempts every free port was taken before its use`);
}
