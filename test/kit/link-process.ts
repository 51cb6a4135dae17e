// A link as a process of its own, for tests that kill or freeze it. The last lines are its program;
// `startLinkProcess` is what tests call.

import type { LinkOptions } from "../../src/link/link-options.ts";
import { openLink } from "./open-link.ts";
import { type RunningProcess, spawnProcess } from "./processes.ts";

type Options = Partial<Pick<LinkOptions, "clientId" | "version" | "will" | "sessionExpirySeconds">>;

/** A link that is connected to the broker on this port of 127.0.0.1. */
export async function startLinkProcess(port: number, options: Options): Promise<RunningProcess> {
  const args = [import.meta.path, JSON.stringify({ ports: [port], ...options })];
  const child = spawnProcess(process.execPath, args);
  await child.waitForLine(/^connected$/);
  return child;
}

if (import.meta.main) {
  const opened = openLink(JSON.parse(process.argv[2] ?? "{}") as Options);
  await opened.link.connected();
  console.log("connected");
  // Until it is killed.
  for await (const _state of opened.link.states());
}
