// `bun run test`: what the tests need, then all of them, or those that the arguments name. The last
// line of the output is always `N passed, N failed`; `, N skipped` follows when there are any.

import { join } from "node:path";
import { buildForThisMachine } from "./build.ts";
import { ensureDebianParts } from "./debian-parts.ts";
import { type Counts, runTests } from "./run-tests.ts";

const ROOT = join(import.meta.dir, "..");

/** The tests of the compiled binary need one of this very source; a broken build is a failure. */
async function countBuildFailures(): Promise<number> {
  try {
    await buildForThisMachine();
    return 0;
  } catch (error) {
    console.log(`the binary does not build:\n${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

async function countAll(): Promise<Counts> {
  if (!(await ensureDebianParts())) return { passed: 0, failed: 1, skipped: 0 };
  const buildFailures = await countBuildFailures();
  const args = process.argv.slice(2);
  const counts = await runTests({ args, cwd: ROOT, print: (text) => process.stdout.write(text) });
  return { ...counts, failed: counts.failed + buildFailures };
}

const { passed, failed, skipped } = await countAll();
const nothingRan = passed === 0 && failed === 0;
if (nothingRan) console.log("no test ran");
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || nothingRan ? 1 : 0;
