// The type declarations of the public modules, which import nothing from node_modules: an editor
// checks handlers where nothing is installed. Called by bundled-files.ts.

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import type { Files } from "../src/cli/bundled-files.ts";

const ROOT = join(import.meta.dir, "..");

/** Name → the file in this repository, `src/testing.ts`. */
export type Modules = Readonly<Record<string, string>>;

/**
 * One `.d.ts` for each module, and `shared.d.ts` for what several of them need. `folder` is
 * one within the tree, where node_modules is found. Throws with the compiler's words.
 */
export async function buildDeclarations(modules: Modules, folder: string): Promise<Files> {
  const types = await mkdtemp(join(folder, "declarations-"));
  try {
    await emitTypes(modules, types);
    return await bundleTypes(modules, types);
  } finally {
    await rm(types, { recursive: true, force: true });
  }
}

/** A `.d.ts` for each file that the modules import, as the compiler writes it. */
async function emitTypes(modules: Modules, outDir: string): Promise<void> {
  const project = join(outDir, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true, // `bun run check` looks for mistakes; here they would only cost time.
    rootDir: ROOT,
    outDir,
  };
  const files = Object.values(modules).map((path) => join(ROOT, path));
  const config = { extends: join(ROOT, "tsconfig.json"), compilerOptions, include: [], files };
  await Bun.write(project, JSON.stringify(config));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const child = Bun.spawn([process.execPath, tsc, "--project", project], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const [words, exitCode] = await Promise.all([child.stdout.text(), child.exited]);
  if (exitCode !== 0) throw new Error(`no type declarations: ${words}`);
}

async function bundleTypes(modules: Modules, folder: string): Promise<Files> {
  const entries = Object.entries(modules).map(([name, path]) => {
    return [name, join(folder, path.replace(/\.ts$/, ".d.ts"))];
  });
  const bundle = await rolldown({
    input: Object.fromEntries(entries),
    plugins: [dts({ dtsInput: true, tsconfig: false })],
    // An app of one's own has Elysia; elsewhere its types are any, and nobody uses them.
    external: [/^node:/, /^bun(:|$)/, /^elysia/],
  });
  const { output } = await bundle.generate({
    entryFileNames: "[name].d.ts",
    chunkFileNames: "shared.d.ts",
  });
  await bundle.close();
  return Object.fromEntries(
    output.flatMap((file) => {
      return file.type === "chunk" ? [[file.fileName, restoreTypes(file.code)]] : [];
    }),
  );
}

/**
 * The bundler renames `function Promise` of TypeBox, which stands in the way of the global one, to
 * `Promise$1`, and with it the type of that name in the same file, for it has one scope for values
 * and types. This gives the types their own names again.
 */
function restoreTypes(code: string): string {
  const functions = [...code.matchAll(/^declare function (\w+)(\$\d+)\b/gm)];
  return functions.reduce((text, [, name = "", suffix = ""]) => {
    const used = new RegExp(`(?<!function |typeof )\\b${RegExp.escape(name + suffix)}\\b(?! as )`);
    const lines = text.split("\n").map((line) => {
      const own = line.includes(`infer ${name} `) ? name : `globalThis.${name}`;
      return line.replaceAll(new RegExp(used, "g"), own);
    });
    return lines.join("\n");
  }, code);
}
