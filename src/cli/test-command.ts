// `viaduto test`: the tests of a handler folder, run by the runtime that the binary carries.

import { existsSync } from "node:fs";
import { ViadutoError } from "../lib/errors.ts";
import { readBundledFiles } from "./bundled-files.ts";
import { updateSupport } from "./folder-files.ts";

const HELP = [
  "A file is a path or a part of one; without any, all tests of this folder run. The flags are",
  "those of bun test: -t <name>, --watch, --timeout <ms>, --coverage, --bail and others.",
  "",
];

/**
 * Runs the tests; resolves to the exit code of the runner, 1 when a test failed. Throws
 * `starter_missing`, `bundle_missing` and `file_unwritable`.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const folder = process.cwd();
  if (!existsSync("tsconfig.json")) throw new ViadutoError("starter_missing", { folder });
  // A fresh clone has none, since .gitignore names it; and another version may have made it.
  await updateSupport(folder, (await readBundledFiles()).support);
  // Without --no-install, a name that is not found would be looked for in the network.
  const command = [process.execPath, "test", "--no-orphans", "--no-install", ...argv];
  const child = Bun.spawn(command, {
    // BUN_BE_BUN makes the compiled binary the bun that it was compiled with. Without the other,
    // mqtt.js has its use of url.parse() reported to whoever tests a handler.
    env: { NODE_NO_WARNINGS: "1", ...process.env, BUN_BE_BUN: "1" },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  return child.exited;
}

/** What to know of its arguments, for `--help`. */
export function help(): string {
  return HELP.join("\n");
}
