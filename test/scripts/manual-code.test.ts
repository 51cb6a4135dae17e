// The TypeScript of both READMEs does what a reader will do with it: blocks that name a file of the
// handler folder are checked, loaded and tested there by the binary alone; the others are copies of
// files that have tests of their own.

import { describe, expect, test } from "bun:test";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { openStarterFolder } from "../cli/starter-folder.ts";

const ROOT = join(import.meta.dir, "../..");

describe.each(["README.md", "README.pt-BR.md"])("the TypeScript of %s", (manual) => {
  test("compiles, loads and passes its tests in a starter folder", async () => {
    const files = await readHandlerFiles(manual);
    expect(files.length).toBeGreaterThan(0);
    await using folder = await openStarterFolder();
    // What a reader installs.
    await mkdir(join(folder.path, "node_modules"));
    await symlink(join(ROOT, "node_modules/zod"), join(folder.path, "node_modules/zod"));
    for (const { name, text } of files) await folder.write(name, text);
    expect(await folder.checkTypes()).toBe("");

    const checked = await folder.runBinary(["check"]);
    expect({ exitCode: checked.exitCode, stderr: checked.stderr }).toEqual({
      exitCode: 0,
      stderr: "",
    });
    const tested = await folder.runBinary(["test"]);
    expect(tested.stderr).toMatch(/^ 0 fail$/m);
    expect(tested.exitCode).toBe(0);
  });

  test("is otherwise that of files that tests run", async () => {
    const sources = await readSources();
    for (const block of await readBlocks(manual)) {
      if (toFileName(block) !== undefined) continue;
      expect(sources.filter((text) => text.includes(block.trim()))).toHaveLength(1);
    }
  });
});

async function readHandlerFiles(manual: string): Promise<{ name: string; text: string }[]> {
  return (await readBlocks(manual)).flatMap((text) => {
    const name = toFileName(text);
    return name === undefined ? [] : [{ name, text }];
  });
}

/** The file that the first line of a block names. */
function toFileName(block: string): string | undefined {
  return /^\/\/ (handlers\/\S+\.ts)\n/.exec(block)?.[1];
}

async function readBlocks(manual: string): Promise<string[]> {
  const text = await Bun.file(join(ROOT, manual)).text();
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""]) => block);
}

/** The built-in handler, as a reader would write it, and the examples. */
async function readSources(): Promise<string[]> {
  const folder = join(ROOT, "test/examples");
  const names = (await readdir(folder)).filter((name) => !name.endsWith(".test.ts"));
  const examples = await Promise.all(names.map((name) => Bun.file(join(folder, name)).text()));
  const builtIn = await Bun.file(join(ROOT, "src/handlers/devices-update.ts")).text();
  return [...examples, builtIn.replace('"../topics/language.ts"', '"viaduto"')];
}
