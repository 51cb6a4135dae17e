// The compiled binary that the benchmarks measure.

import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { buildForThisMachine } from "../build.ts";

const ROOT = join(import.meta.dir, "../..");
const BINARY = join(ROOT, "dist/viaduto");

/** A copy of it, built when it is not of this very source: others may build meanwhile. */
export async function provideBinary(
  given: string | undefined,
  directory: string,
  say: (line: string) => void,
): Promise<string> {
  if (given === undefined && (await findBuildMs()) < (await findLastChangeMs())) {
    say("building dist/viaduto");
    await buildForThisMachine();
  }
  const copy = join(directory, "viaduto");
  await copyFile(given ?? BINARY, copy);
  return copy;
}

async function findBuildMs(): Promise<number> {
  try {
    return (await stat(BINARY)).mtimeMs;
  } catch {
    return 0; // There is none.
  }
}

async function findLastChangeMs(): Promise<number> {
  const sources = [...new Bun.Glob("src/**/*").scanSync({ cwd: ROOT }), "bun.lock"];
  const changes = await Promise.all(sources.map((path) => stat(join(ROOT, path))));
  return Math.max(...changes.map(({ mtimeMs }) => mtimeMs));
}
