// Where in the folder's files an error has its cause: file, line, column and the line's text, from
// the four ways in which Bun tells it. Called by load-failure alone. It has no words for people.

import { readFileSync } from "node:fs";

export type Place = {
  readonly path: string;
  /** From 1, both. */
  readonly line: number;
  readonly column: number;
  readonly lineText: string;
};

/**
 * The place of what an import threw; undefined when it has none. `paths` are the files that may be
 * named, the imported one first.
 */
export function findPlace(thrown: unknown, paths: ReadonlySet<string>): Place | undefined {
  // Several faults in one file come together; the first is the one to repair first.
  if (thrown instanceof AggregateError) return findPlace(thrown.errors[0], paths);
  if (thrown instanceof BuildMessage) return fromBuildMessage(thrown);
  if (thrown instanceof ResolveMessage) {
    return findQuoted(thrown.referrer.replace(/\?.*$/, ""), thrown.specifier);
  }
  if (!(thrown instanceof Error)) return undefined;
  return fromMissingExport(thrown.message, paths) ?? fromStack(thrown.stack ?? "", paths);
}

function fromBuildMessage({ position }: BuildMessage): Place | undefined {
  if (!position) return undefined;
  const { file, line, column, lineText } = position;
  return { path: file.replace(/\?.*$/, ""), line, column, lineText };
}

// Bun names no line for an import that cannot be found, or for one of a name that is not there.
function fromMissingExport(message: string, paths: ReadonlySet<string>): Place | undefined {
  const [, name, module] = /^Export named '(.+)' not found in module '(.+?)'/.exec(message) ?? [];
  if (name === undefined) return undefined;
  const word = new RegExp(`(?<![\\w$])${RegExp.escape(name)}(?![\\w$])`);
  const importers = [...paths].filter((path) => path !== module);
  return importers.map((path) => findText(path, word)).find((place) => place !== undefined);
}

function findQuoted(path: string, specifier: string): Place | undefined {
  return findText(path, new RegExp(`["'\`]${RegExp.escape(specifier)}["'\`]`));
}

// `at name (/folder/file.ts:3:13)` or `at /folder/file.ts:3:13`; the frames above it are of
// packages and of viaduto.
function fromStack(stack: string, paths: ReadonlySet<string>): Place | undefined {
  for (const frame of stack.split("\n")) {
    const [, found = "", line, column] = /^\s*at (?:.*\()?(.+?):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const path = found.replace(/\?.*$/, "");
    if (!paths.has(path)) continue;
    const lineText = readLines(path)[Number(line) - 1] ?? "";
    return { path, line: Number(line), column: Number(column), lineText };
  }
  return undefined;
}

function findText(path: string, pattern: RegExp): Place | undefined {
  for (const [at, lineText] of readLines(path).entries()) {
    const match = pattern.exec(lineText);
    if (match) return { path, line: at + 1, column: match.index + 1, lineText };
  }
  return undefined;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/);
  } catch {
    return []; // Gone since: the error is told without its place.
  }
}
