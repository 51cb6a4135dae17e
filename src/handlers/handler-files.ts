// Which files of the folder are handler files, and what they are called. Called by folder.
// It looks at names only, and opens no file.

import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

export type HandlerFile = {
  /** Below the folder, with `/` on every system: `sub/devices-update.ts`. */
  readonly file: string;
  /** Where it really is: a mounted folder often has links to files elsewhere. */
  readonly path: string;
};

/** Of two files that differ only here, the first is loaded. */
const ENDINGS = [".ts", ".tsx", ".mjs", ".js"] as const;

/**
 * The handler files of a folder and its sub-folders, sorted. `_name.ts` and `_folder` are for
 * helpers; tests, type declarations, dot names and node_modules are left out as well. Throws what
 * the file system throws.
 */
export function listHandlerFiles(folder: string): HandlerFile[] {
  return listBelow(folder, "").sort((a, b) => compare(a.file, b.file));
}

/** `sub/devices-update.ts` as `sub/devices-update`, by which its handlers are named. */
export function toStem(file: string): string {
  return file.slice(0, file.lastIndexOf("."));
}

/** The file that is loaded in place of this one, since both would have the same name. */
export function findTwin(file: string, files: readonly HandlerFile[]): string | undefined {
  const rank = (name: string) => ENDINGS.findIndex((ending) => name === toStem(file) + ending);
  const twins = files.map((one) => one.file).filter((name) => rank(name) >= 0);
  const first = twins.sort((a, b) => rank(a) - rank(b))[0];
  return first === file ? undefined : first;
}

/** The order of names: by code units, so that it is the same on every machine. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function listBelow(folder: string, below: string): HandlerFile[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const file = below + entry.name;
    if (/^[._]/.test(entry.name) || entry.name === "node_modules") return [];
    if (entry.isDirectory()) return listBelow(folder, `${file}/`);
    if (!isHandlerName(entry.name)) return [];
    // A link may lead nowhere, or to a folder.
    const path = join(folder, file);
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? [{ file, path: realpathSync(path) }] : [];
  });
}

function isHandlerName(name: string): boolean {
  if (/\.(test|d)\.[a-z]+$/.test(name)) return false;
  return ENDINGS.some((ending) => name.endsWith(ending));
}
