// Which files a file consists of: itself and what it imports, directly and through others, as they
// are on disk now. Called by folder, to know what a change concerns. It runs no file.

import { readFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { compare } from "./handler-files.ts";

export type ModuleGraph = {
  /** Every file that was reached. */
  paths(): Iterable<string>;
  /** The file itself and all that it imports; packages are left out. */
  closure(path: string): ReadonlySet<string>;
  /** Another text as soon as the text of any file of the closure is another. */
  fingerprint(path: string): string;
};

type Module = { readonly textHash: string; readonly imports: readonly string[] };

/**
 * Reads the files from `entries` on. What does not exist, or has a fault in its syntax, imports
 * nothing.
 */
export function readModuleGraph(entries: readonly string[]): ModuleGraph {
  const modules = new Map<string, Module>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (modules.has(path)) continue;
    const module = readModule(path);
    modules.set(path, module);
    waiting.push(...module.imports);
  }

  const fingerprints = new Map<string, string>();
  function closure(path: string): ReadonlySet<string> {
    const reached = new Set([path]);
    // A set shows what is added while it is walked over.
    for (const one of reached) {
      for (const next of modules.get(one)?.imports ?? []) reached.add(next);
    }
    return reached;
  }
  function fingerprint(path: string): string {
    const parts = [...closure(path)].sort(compare);
    const text = parts.map((one) => `${one} ${modules.get(one)?.textHash}`).join("\n");
    return String(Bun.hash(text));
  }
  return {
    paths: () => modules.keys(),
    closure,
    fingerprint: (path) => fingerprints.getOrInsertComputed(path, fingerprint),
  };
}

function readModule(path: string): Module {
  try {
    const text = readFileSync(path, "utf8");
    return { textHash: String(Bun.hash(text)), imports: findImports(path, text) };
  } catch {
    return { textHash: "none", imports: [] }; // Whoever imports it will be told, by the loader.
  }
}

function findImports(path: string, text: string): string[] {
  const loader = /^\.[cm]?(tsx?|jsx?)$/.exec(extname(path))?.[1];
  if (loader === undefined) return []; // JSON, text and the like.
  return scan(text, loader as "ts" | "tsx" | "js" | "jsx").flatMap((specifier) => {
    // A package is not watched: it changes by an install, not by an editor.
    if (!/^\.{0,2}\//.test(specifier)) return [];
    const found = resolve(specifier, path);
    return found === undefined || /[\\/]node_modules[\\/]/.test(found) ? [] : [found];
  });
}

function scan(text: string, loader: "ts" | "tsx" | "js" | "jsx"): string[] {
  try {
    return new Bun.Transpiler({ loader }).scanImports(text).map(({ path }) => path);
  } catch {
    return []; // A fault in the syntax: the loader tells it with its place.
  }
}

function resolve(specifier: string, path: string): string | undefined {
  try {
    return Bun.resolveSync(specifier, dirname(path));
  } catch {
    return undefined; // Not there: the loader tells it with its place.
  }
}
