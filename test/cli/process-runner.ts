// Runs the program as a process of its own, with no option in its environment but what is given.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { listVariables, OPTIONS } from "../../src/config/options.ts";
import { type RunResult, run } from "../kit/processes.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const UNSET = Object.fromEntries(OPTIONS.flatMap(listVariables).map((name) => [name, undefined]));

/** What the program printed, and its exit code. */
export function runMain(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  return run(process.execPath, [MAIN, ...argv], { cwd: tmpdir(), env: { ...UNSET, ...env } });
}
