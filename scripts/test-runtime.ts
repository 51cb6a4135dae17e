// The public modules as JavaScript that needs nothing else, so that the tests of handlers run where
// there is only the binary. Called by bundled-files.ts.

import { join } from "node:path";
import type { Files } from "../src/cli/bundled-files.ts";
import { withByteQueue } from "./with-byte-queue.ts";
import { withoutDebug } from "./without-debug.ts";

const SRC = join(import.meta.dir, "../src");

/**
 * `runtime.js` with all of them, and for each module of src a `.js` that exports its part: a
 * handler and the bridge that runs it must mean the same code. Throws as the build does.
 */
export async function buildTestRuntime(modules: readonly string[]): Promise<Files> {
  const entry = join(SRC, "runtime.ts"); // Only here, in memory.
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    files: {
      [entry]: modules.map((name) => `export * as ${name} from "./${name}.ts";`).join("\n"),
    },
    target: "bun",
    // Names stay, so that the trace of a test that fails can be read.
    minify: { whitespace: true, syntax: true, identifiers: false },
    plugins: [withoutDebug, withByteQueue],
  });
  const [runtime, ...others] = outputs;
  if (!runtime || others.length > 0) throw new Error("src/testing.ts imports what is no code");
  const parts = modules.map(async (name) => [`${name}.js`, await buildPart(name)]);
  return { ...Object.fromEntries(await Promise.all(parts)), "runtime.js": await runtime.text() };
}

async function buildPart(name: string): Promise<string> {
  const text = await Bun.file(join(SRC, `${name}.ts`)).text();
  const { exports } = new Bun.Transpiler({ loader: "ts" }).scan(text);
  const lines = [`import { ${name} } from "./runtime.js";`, ""];
  return [...lines, `export const { ${exports.join(", ")} } = ${name};`, ""].join("\n");
}
