// The public modules as JavaScript that needs nothing else, so that the tests of handlers run where
// there is only the binary. Called by bundled-files.ts.

import { join } from "node:path";
import type { Files } from "../src/cli/bundled-files.ts";
import type { Modules } from "./declarations.ts";
import { withByteQueue } from "./with-byte-queue.ts";
import { withoutDebug } from "./without-debug.ts";

const ROOT = join(import.meta.dir, "..");

/**
 * `runtime.js` with all of them, and for each module a `.js` that exports its part: a
 * handler and the bridge that runs it must mean the same code. Throws as the build does.
 */
export async function buildTestRuntime(modules: Modules): Promise<Files> {
  const names = Object.keys(modules);
  const entry = join(ROOT, "runtime.ts"); // Only here, in memory.
  const lines = names.map((name) => `export * as ${name} from "./${modules[name]}";`);
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    files: { [entry]: lines.join("\n") },
    target: "bun",
    minify: false, // A test that fails shows the lines around the place where it was thrown.
    plugins: [withoutDebug, withByteQueue],
  });
  const [runtime, ...others] = outputs;
  if (!runtime || others.length > 0) throw new Error("viaduto/testing needs more than its code");
  const parts = Object.entries(modules).map(async ([name, path]) => {
    return [`${name}.js`, await buildPart(name, path)];
  });
  return { ...Object.fromEntries(await Promise.all(parts)), "runtime.js": await runtime.text() };
}

/** The module's own names, which must be listed one by one in its file. */
async function buildPart(name: string, path: string): Promise<string> {
  const text = await Bun.file(join(ROOT, path)).text();
  const { exports } = new Bun.Transpiler({ loader: "ts" }).scan(text);
  const lines = [`import { ${name} } from "./runtime.js";`, ""];
  return [...lines, `export const { ${exports.join(", ")} } = ${name};`, ""].join("\n");
}
