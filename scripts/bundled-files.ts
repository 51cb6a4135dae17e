// dist/bundled-files.txt: what `viaduto init` writes, as one file that the binary carries. It holds
// the starter folder as it stands in this repository, and what becomes of it in .viaduto/: the
// types of the public modules, and their code for tests. Called by build.ts.

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

/** Writes dist/bundled-files.txt. Throws with the compiler's words when src does not build. */
export async function writeBundledFiles(): Promise<void> {
  await mkdir(DIST, { recursive: true });
  const present = Object.entries(PUBLIC_MODULES).filter(([, path]) => existsSync(join(ROOT, path)));
  const modules = Object.fromEntries(present);
  const [starter, ambient, declarations, runtime] = await Promise.all([
    readFolder("starter"),
    readFolder("types"),
    buildDeclarations(modules, DIST),
    buildTestRuntime(modules),
  ]);
  const files: BundledFiles = { starter, support: { ...ambient, ...declarations, ...runtime } };
  await Bun.write(join(DIST, "bundled-files.txt"), JSON.stringify(files));
}

/** The text of each file of a folder that belongs to the repository. */
async function readFolder(folder: string): Promise<Files> {
  const cwd = join(ROOT, folder);
  const names = [...new Bun.Glob("**/*").scanSync({ cwd, dot: true })].filter(isSource).sort();
  const files = names.map(async (name) => [name, await Bun.file(join(cwd, name)).text()]);
  return Object.fromEntries(await Promise.all(files));
}

/** What trying the starter folder in its place leaves there is not for others. */
function isSource(name: string): boolean {
  return !/^(\.viaduto|viaduto-data|node_modules)\//.test(name);
}
