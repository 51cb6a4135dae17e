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
  return fromMissingExport(thrown.message, paths) ?? fromStack(String(thrown.stack), paths);
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
  const word = `(?<![\\w$])(?<found>${RegExp.escape(name)})(?![\\w$])`;
  const statement = new RegExp(`\\b(?:import|export)\\b[^;"']*?${word}[^;"']*?\\bfrom\\b`, "d");
  const importers = [...paths].filter((path) => path !== module);
  return importers.map((path) => findText(path, statement)).find((place) => place !== undefined);
}

function findQuoted(path: string, specifier: string): Place | undefined {
  return findText(path, new RegExp(`(?<found>["'\`]${RegExp.escape(specifier)}["'\`])`, "d"));
}

// `at name (/folder/file.ts:3:13)` or `at /folder/file.ts:3:13`; the frames above it are of
// packages and of viaduto.
function fromStack(stack: string, paths: ReadonlySet<string>): Place | undefined {
  for (const frame of stack.split("\n")) {
    const [, found = "", line, column] = /^\s*at (?:.*\()?(.+?):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const path = found.replace(/\?.*$/, "");
    if (!paths.has(path)) continue;
    const lineText = readText(path).split(/\r?\n/)[Number(line) - 1] ?? "";
    return { path, line: Number(line), column: Number(column), lineText };
  }
  return undefined;
}

/** The place of the group `found` of the pattern, which has the flag `d`. */
function findText(path: string, pattern: RegExp): Place | undefined {
  const text = readText(path);
  const at = pattern.exec(text)?.indices?.groups?.found?.[0];
  if (at === undefined) return undefined;
  const above = text.slice(0, at).split("\n");
  const lineText = text.split(/\r?\n/)[above.length - 1] ?? "";
  return { path, line: above.length, column: (above.at(-1)?.length ?? 0) + 1, lineText };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Gone since: the error is told without its place.
  }
}
