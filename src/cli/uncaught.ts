// What nobody caught: a defect of ours, after which nothing in memory can be trusted, or a slip in
// a handler, such as a promise that nobody awaits. Used by serve.

import { join, resolve } from "node:path";

/** In a binary our frames stand as they were built, below no folder of this machine. */
const OWN_FRAME_OF_BINARY = /[( ](src|node_modules)\//;
const ROOT = join(import.meta.dir, "../..");
const IS_BINARY = import.meta.dir.includes("$bunfs") || import.meta.dir.includes("~BUN");

/**
 * True when it comes from the folder of handlers: its stack leads there, or at least not to us, as
 * with a connection that was refused and has no stack.
 */
export function isFromHandlers(thrown: unknown, folder: string | undefined): boolean {
  if (folder === undefined) return false;
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  if (stack.includes(resolve(folder))) return true;
  return IS_BINARY ? !OWN_FRAME_OF_BINARY.test(stack) : !stack.includes(ROOT);
}
