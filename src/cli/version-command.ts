// `viaduto version`: what to write into a bug report.

import { checkPositionals, parseArguments } from "../config/arguments.ts";
import { VERSION } from "../lib/version.ts";

/** Prints the version of viaduto and of Bun; resolves to 0. */
export async function run(argv: readonly string[]): Promise<number> {
  checkPositionals(parseArguments(argv, [], "version").positionals, 0, "version");
  const { platform, arch } = process;
  process.stdout.write(`viaduto ${VERSION} (bun ${Bun.version}, ${platform}-${arch})\n`);
  return 0;
}
