// `bun run build` makes dist/viaduto for this machine; `bun run build:all` makes one binary for
// each platform, and dist/SHA256SUMS. The size of a binary is that of the runtime in it: nothing
// shrinks it, and `strip` would take the application out, leaving a plain bun that exits 0.

import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeBundledFiles } from "./bundled-files.ts";
import { withByteQueue } from "./with-byte-queue.ts";
import { withoutDebug } from "./without-debug.ts";

const ROOT = join(import.meta.dir, "..");
const DIST = join(ROOT, "dist");

const TARGETS = ["linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64", "windows-x64"] as const;

export type BuildOptions = {
  /** The file whose imports make the binary; src/main.ts when absent. */
  readonly entry?: string;
  readonly outfile: string;
  /** The platform it is for; this machine's when absent. */
  readonly target?: (typeof TARGETS)[number];
};

export type Binary = {
  readonly file: string;
  readonly bytes: number;
  readonly hasBytecode: boolean;
};

/** Builds one binary. Throws with the compiler's words when the source does not build. */
export async function buildBinary(options: BuildOptions): Promise<Binary> {
  const withBytecode = await compile(options, true);
  if (withBytecode.success) return toBinary(withBytecode, true);
  // Bytecode only halves the start-up: a platform for which it cannot be made does without.
  const without = await compile(options, false);
  if (without.success) return toBinary(without, false);
  throw new Error(without.logs.map(toLine).join("\n"));
}

/** Builds dist/viaduto for this machine; gives its path. */
export async function buildForThisMachine(): Promise<string> {
  await writeBundledFiles();
  return report("this machine", { outfile: join(DIST, "viaduto") });
}

async function buildForAll(): Promise<void> {
  await writeBundledFiles();
  const lines: string[] = [];
  for (const target of TARGETS) {
    const file = await report(target, { target, outfile: join(DIST, `viaduto-${target}`) });
    lines.push(`${await toSha256(file)}  ${basename(file)}\n`);
  }
  await Bun.write(join(DIST, "SHA256SUMS"), lines.join(""));
  console.log("dist/SHA256SUMS: check with sha256sum -c");
}

async function report(name: string, options: BuildOptions): Promise<string> {
  const startedAt = performance.now();
  // When this build fails, nobody may take an old binary for a new one. And a binary that runs can
  // be removed, but not written.
  await rm(options.outfile, { force: true });
  const { file, bytes, hasBytecode } = await buildBinary(options);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const note = hasBytecode ? "" : ", without bytecode: it starts slower";
  console.log(`dist/${basename(file)} for ${name}: ${toMegabytes(bytes)}, ${seconds} s${note}`);
  return file;
}

/** What the compiler says of one fault, with its place when it has one. */
function toLine({ message, position }: BuildMessage | ResolveMessage): string {
  return position ? `${position.file}:${position.line}:${position.column} ${message}` : message;
}

function compile({ entry, outfile, target }: BuildOptions, bytecode: boolean) {
  return Bun.build({
    // A worker is an entry point of its own: history-thread.ts finds it under its place in src.
    entrypoints: [entry ?? join(ROOT, "src/main.ts"), join(ROOT, "src/store/history-worker.ts")],
    root: join(ROOT, "src"),
    compile: {
      outfile,
      ...(target && { target: `bun-${target}` as const }),
      // What lies in the folder where the binary is started must not change what it does.
      autoloadDotenv: false,
      autoloadBunfig: false,
      // Else files of a handler folder find no packages in a node_modules beside them.
      autoloadPackageJson: true,
    },
    target: "bun",
    format: "esm", // Bytecode of the default format, CommonJS, fails on top-level await.
    bytecode,
    minify: true,
    sourcemap: "inline",
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    plugins: [withoutDebug, withByteQueue],
    throw: false,
  });
}

async function toBinary(build: Bun.BuildOutput, hasBytecode: boolean): Promise<Binary> {
  const file = build.outputs.find(({ kind }) => kind === "entry-point")?.path;
  if (!file) throw new Error("the compiler named no output");
  // The map is in the binary; the compiler leaves a second copy beside it.
  for (const { kind, path } of build.outputs) if (kind === "sourcemap") await rm(path);
  return { file, bytes: Bun.file(file).size, hasBytecode };
}

async function toSha256(file: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const bytes of Bun.file(file).stream()) hash.update(bytes);
  return hash.digest("hex");
}

function toMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

if (import.meta.main) {
  try {
    await (process.argv.includes("--all") ? buildForAll() : buildForThisMachine());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
