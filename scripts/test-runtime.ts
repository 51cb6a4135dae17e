// The public modules as JavaScript that needs nothing else, so that the tests of handlers run where
// there is only the binary. Called by bundled-files.ts.

import { basename, join } from "node:path";
import type { Files } from "../src/cli/bundled-files.ts";
import { withByteQueue } from "./with-byte-queue.ts";
import { withoutDebug } from "./without-debug.ts";

const SRC = join(import.meta.dir, "../src");

/** One `.js` for each module of src, and others for what they share. Throws as the build does. */
export async function buildTestRuntime(modules: readonly string[]): Promise<Files> {
  const { outputs } = await Bun.build({
    entrypoints: modules.map((name) => join(SRC, `${name}.ts`)),
    target: "bun",
    splitting: true, // A handler and the bridge that runs it must mean the same module.
    naming: { entry: "[name].[ext]", chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
    // Names stay, so that the trace of a test that fails can be read.
    minify: { whitespace: true, syntax: true, identifiers: false },
    plugins: [withoutDebug, withByteQueue],
  });
  const files = outputs.map(async (file) => [basename(file.path), await file.text()]);
  return Object.fromEntries(await Promise.all(files));
}
