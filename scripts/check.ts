// `bun run check`: everything that must hold before a commit. `--static` leaves out the tests.

import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const BIOME = "node_modules/@biomejs/biome/bin/biome";

type Step = { readonly name: string; readonly args: readonly string[] };

// Each is run by the very runtime that runs this, so that none needs a program on the PATH.
const STATIC_STEPS: readonly Step[] = [
  {
    name: "format and lint",
    args: [BIOME, "check", "--error-on-warnings", "--diagnostic-level=warn"],
  },
  { name: "types", args: ["node_modules/typescript/bin/tsc", "--noEmit"] },
  // Pages run in a browser, which has other globals.
  {
    name: "types of the pages",
    args: ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "src/web"],
  },
];
const TEST_STEP: Step = { name: "tests", args: ["scripts/test.ts"] };

async function runStep({ name, args }: Step): Promise<number> {
  console.log(`── ${name}`);
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: ROOT,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  const exitCode = await child.exited;
  if (exitCode !== 0) console.error(`── ${name}: failed`);
  return exitCode;
}

const steps = process.argv.includes("--static") ? STATIC_STEPS : [...STATIC_STEPS, TEST_STEP];
for (const step of steps) {
  process.exitCode = await runStep(step);
  if (process.exitCode !== 0) break;
}
