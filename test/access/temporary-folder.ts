// A folder for the files of one test, gone with `await using`.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type TemporaryFolder = AsyncDisposable & {
  readonly path: string;
  pathOf(name: string): string;
  /** Writes a file that only its owner may read; its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  read(name: string): Promise<string>;
};

export async function makeTemporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "viaduto-access-"));
  const pathOf = (name: string) => join(path, name);
  return {
    path,
    pathOf,
    async write(name, content) {
      await writeFile(pathOf(name), content, { mode: 0o600 });
      return pathOf(name);
    },
    read: (name) => readFile(pathOf(name), "utf8"),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
