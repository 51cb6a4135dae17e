// The house style, as far as a machine can hold it. Each rule lists its offenders as file:line.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findFunctions } from "./kit/source-functions.ts";
import { findImports, lineAt, type ScannedSource, scanSource } from "./kit/source-scanner.ts";

const FILE_LINES_MAX = 250;
const FUNCTION_LINES_MAX = 50;
/** The formatter's line width: it leaves longer lines only where it cannot break them. */
const LINE_COLUMNS_MAX = 100;
/** `src`, and two below it. */
const FOLDERS_MAX = 3;

/** Top to bottom; a file imports from its own layer and from those below. Same line: no contact. */
const LAYERS = [
  ["main"],
  ["cli"],
  ["viaduto", "testing"], // The public modules.
  ["starter"], // What `viaduto init` writes.
  ["app"],
  ["http"],
  ["web"],
  ["handlers"],
  ["link", "broker"],
  ["access"],
  ["store", "tracing"],
  ["topics"],
  ["config"],
  ["lib"],
] as const;

/** What src may import from outside of it: data. */
const OUTSIDE_IMPORTS_ALLOWED = ["package.json", "dist/bundled-files.txt"];

/** Which layers may know a foreign library. Others are free. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  mqtt: ["link"],
  "mqtt-packet": ["link", "broker", "lib"],
  aedes: ["broker"],
  "aedes-persistence": ["broker"],
  mqemitter: ["broker"],
  "websocket-driver": ["broker"],
  uqr: ["cli", "web"],
  preact: ["web"],
  "@preact": ["web"],
  uplot: ["web"],
  "@tanstack": ["web"],
  "bun:sqlite": ["store", "broker"],
  "@opentelemetry": ["tracing"],
  elysia: ["http", "viaduto", "app"],
  "@elysiajs": ["http", "viaduto", "app"],
};

const CDNS = [
  "unpkg.com",
  "jsdelivr.net",
  "cdnjs.",
  "esm.sh",
  "esm.run",
  "skypack",
  "jspm",
  "cdn.",
];
const CDN = new RegExp(
  [...CDNS, "googleapis.com", "gstatic.com"].map(RegExp.escape).join("|"),
  "g",
);

type SourceFile = ScannedSource & { readonly path: string };

const root = join(import.meta.dir, "..");
const everything = ["src", "test", "scripts"].flatMap(readFolder);
const src = everything.filter((file) => file.path.startsWith("src/"));

describe("layers", () => {
  test("imports point downwards, and files beside each other in the order do not meet", () => {
    expect(src.flatMap(findLayerOffenders)).toEqual([]);
  });

  test("every file of src belongs to a layer", () => {
    expect(src.filter(({ path }) => rankOf(path) < 0).map(({ path }) => path)).toEqual([]);
  });

  test("each foreign library has one home", () => {
    const offenders = src.flatMap((file) =>
      findImports(file).flatMap(({ line, from }) => {
        const name = from.split("/")[0] ?? from;
        const homes = Object.hasOwn(HOMES, name) ? HOMES[name] : undefined;
        if (!homes || homes.includes(layerOf(file.path))) return [];
        return [`${file.path}:${line} imports ${from}; its home is ${homes.join(", ")}`];
      }),
    );
    expect(offenders).toEqual([]);
  });
});

describe("size", () => {
  test(`files have at most ${FILE_LINES_MAX} lines`, () => {
    const offenders = everything.flatMap(({ path, text }) => {
      const lineCount = text.split("\n").length - 1;
      return lineCount > FILE_LINES_MAX ? [`${path}: ${lineCount} lines`] : [];
    });
    expect(offenders).toEqual([]);
  });

  test(`functions have at most ${FUNCTION_LINES_MAX} lines, but for the bodies of suites`, () => {
    const offenders = everything.flatMap((file) =>
      findFunctions(file)
        .filter(
          ({ head, lineCount }) =>
            lineCount > FUNCTION_LINES_MAX && !/\b(describe|suite)/.test(head),
        )
        .map(
          ({ line, lineCount, head }) => `${file.path}:${line} ${lineCount} lines: ${head.trim()}`,
        ),
    );
    expect(offenders).toEqual([]);
  });

  test(`lines have at most ${LINE_COLUMNS_MAX} columns`, () => {
    const offenders = everything.flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, at) => {
        return line.length > LINE_COLUMNS_MAX ? [`${path}:${at + 1} ${line.length} columns`] : [];
      }),
    );
    expect(offenders).toEqual([]);
  });
});

describe("names", () => {
  const paths = everything.map(({ path }) => path);

  test("files have kebab-case names", () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.[a-z]+$/;
    expect(paths.filter((path) => !kebab.test(basename(path)))).toEqual([]);
  });

  test("no file is a barrel or a drawer for everything", () => {
    const vague = /^(index|utils?|helpers?|common|misc)\.tsx?$/;
    expect(paths.filter((path) => vague.test(basename(path)))).toEqual([]);
  });

  test("no two files of src have the same name", () => {
    const names = src.map(({ path }) => basename(path));
    const repeated = src.filter(({ path }, at) => names.indexOf(basename(path)) !== at);
    expect(repeated.map(({ path }) => path)).toEqual([]);
  });

  test("folders are at most two deep", () => {
    const deep = src.filter(({ path }) => path.split("/").length - 1 > FOLDERS_MAX);
    expect(deep.map(({ path }) => path)).toEqual([]);
  });

  test("tests are in test/", () => {
    expect(paths.filter((path) => /\.test\.tsx?$/.test(path) && !path.startsWith("test/"))).toEqual(
      [],
    );
  });
});

describe("src does without", () => {
  test("console: the log and the commands have writers that never block", () => {
    expect(findMatches("code", /\bconsole\b/g)).toEqual([]);
  });

  test("process.exit, but for main and the commands", () => {
    const free = /^src\/(main\.ts|cli\/)/;
    expect(findMatches("code", /\bprocess\s*\.\s*exit\s*\(/g, free)).toEqual([]);
  });

  test("signal handlers, but for cli/serve.ts", () => {
    const free = /^src\/cli\/serve\.ts$/;
    expect(findMatches("uncommented", /\bprocess\s*\.\s*\w+\(\s*["'`]SIG/g, free)).toEqual([]);
  });

  test("anything from a CDN: it must work with no network", () => {
    expect(findMatches("text", CDN)).toEqual([]);
  });

  test("enums and namespaces, which are not erasable", () => {
    // Declarations of a foreign world may need its namespaces.
    expect(findMatches("code", /\b(enum|namespace)\s+\w+/g, /\.d\.ts$/)).toEqual([]);
  });

  test("any, but for the one place that says why", () => {
    const anyType = /(\bas\s+any\b|[:<,|&]\s*any\b|\bany(\[\]|>))/g;
    expect(findMatches("code", anyType, /^src\/topics\/handler\.ts$/)).toEqual([]);
    const justified = src.find(({ path }) => path === "src/topics/handler.ts");
    expect(justified?.text.match(/biome-ignore lint\/suspicious\/noExplicitAny/g)).toHaveLength(1);
  });

  test("state of a module", () => {
    expect(findMatches("code", /^(export\s+)?(let|var)\b/gm)).toEqual([]);
  });
});

test("nothing is left to do later without an issue", () => {
  expect(findMatches("text", /\b(TO[D]O|FIX[M]E|XX[X])\b/g, /^$/, everything)).toEqual([]);
});

test("tests wait for events and never sleep", () => {
  const tests = everything.filter(({ path }) => path.endsWith(".test.ts"));
  expect(findMatches("code", /\bBun\s*\.\s*sleep/g, /^$/, tests)).toEqual([]);
});

function readFolder(folder: string): SourceFile[] {
  const paths = [...new Bun.Glob(`${folder}/**/*.{ts,tsx,html,css}`).scanSync({ cwd: root })];
  return paths.sort().map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    if (/\.tsx?$/.test(path)) return { path, ...scanSource(text) };
    return { path, text, uncommented: text, code: "" }; // A page or a style sheet has no code.
  });
}

/** `src/link/inbox.ts` is of layer "link", `src/app.ts` of layer "app". */
function layerOf(path: string): string {
  return path.split("/")[1]?.replace(/\.tsx?$/, "") ?? "";
}

function rankOf(path: string): number {
  return LAYERS.findIndex((row) => row.some((layer) => layer === layerOf(path)));
}

function findLayerOffenders(file: SourceFile): string[] {
  return findImports(file).flatMap(({ line, from }) => {
    if (!from.startsWith(".")) return [];
    const target = join(dirname(file.path), from);
    if (OUTSIDE_IMPORTS_ALLOWED.includes(target) || layerOf(target) === layerOf(file.path))
      return [];
    if (target.startsWith("src/") && rankOf(target) > rankOf(file.path)) return [];
    return [`${file.path}:${line} must not import ${target}`];
  });
}

function findMatches(
  view: keyof ScannedSource,
  pattern: RegExp,
  freePaths = /^$/,
  files: readonly SourceFile[] = src,
): string[] {
  return files
    .filter(({ path }) => !freePaths.test(path))
    .flatMap((file) =>
      [...file[view].matchAll(pattern)].map((match) => {
        return `${file.path}:${lineAt(file.text, match.index)} ${match[0].trim()}`;
      }),
    );
}
