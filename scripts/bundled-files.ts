// dist/bundled-files.txt: what `viaduto init` writes, as one file that the binary carries. It holds
// the starter folder, from src/starter, and what belongs into its .viaduto/: the types of the
// public modules, and their code for tests. Called by build.ts.

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BundledFiles, Files } from "../src/cli/bundled-files.ts";
import { buildDeclarations, type Modules } from "./declarations.ts";
import { buildTestRuntime } from "./test-runtime.ts";

const ROOT = join(import.meta.dir, "..");
const DIST = join(ROOT, "dist");

/** What the files of a handler folder import: viaduto, viaduto/testing. */
const PUBLIC_MODULES: Modules = {
  viaduto: "src/topics/language.ts", // What the binary lends them, and not more.
  testing: "src/testing.ts",
};

/** Where the files of src/starter are written: a test of a handler is none of this repository. */
const STARTER = {
  ".gitignore": "gitignore.txt",
  "handlers/echo.ts": "echo.ts",
  "handlers/echo.test.ts": "echo-test.ts",
  "handlers/room-state.ts": "room-state.ts",
  "handlers/room-state.test.ts": "room-state-test.ts",
  "tsconfig.json": "tsconfig.json",
} as const;
const AMBIENT = { "bun-test.d.ts": "bun-test.d.ts", "globals.d.ts": "globals.d.ts" } as const;

/** Writes dist/bundled-files.txt. Throws with the compiler's words when src does not build. */
export async function writeBundledFiles(): Promise<void> {
  await mkdir(DIST, { recursive: true });
  const present = Object.entries(PUBLIC_MODULES).filter(([, path]) => existsSync(join(ROOT, path)));
  const modules = Object.fromEntries(present);
  const [starter, ambient, declarations, runtime] = await Promise.all([
    readStarter(STARTER),
    readStarter(AMBIENT),
    buildDeclarations(modules, DIST),
    buildTestRuntime(modules),
  ]);
  const files: BundledFiles = { starter, support: { ...ambient, ...declarations, ...runtime } };
  await Bun.write(join(DIST, "bundled-files.txt"), JSON.stringify(files));
}

/** The texts of files of src/starter, each under the path at which it is written. */
async function readStarter(places: Readonly<Record<string, string>>): Promise<Files> {
  const files = Object.entries(places).map(async ([path, name]) => {
    return [path, await Bun.file(join(ROOT, "src/starter", name)).text()];
  });
  return Object.fromEntries(await Promise.all(files));
}
