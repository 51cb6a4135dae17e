// Where in the handler folder's files a run has failed, from the stack of what it threw. Called by
// GET /handlers when somebody asks, and not when it fails. It reads no file.

import { relative, sep } from "node:path";
import type { ViadutoError } from "../lib/errors.ts";

export type RunPlace = {
  /** Below the folder. */
  readonly file: string;
  /** From 1, both. */
  readonly line: number;
  readonly column: number;
};

/** The highest frame that is of the folder (an absolute path), or undefined. */
export function findRunPlace({ cause }: ViadutoError, folder: string): RunPlace | undefined {
  if (!(cause instanceof Error)) return undefined;
  for (const frame of String(cause.stack).split("\n")) {
    const [, found = "", line, column] = /^\s*at (?:.*\()?(.+?):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const path = found.replace(/\?.*$/, "").replace(/^file:\/\//, "");
    if (!path.startsWith(folder + sep) || path.includes(`${sep}node_modules${sep}`)) continue;
    const file = relative(folder, path).replaceAll(sep, "/");
    return { file, line: Number(line), column: Number(column) };
  }
  return undefined;
}
