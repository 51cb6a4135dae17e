// A folder made by `viaduto init` with nothing but the compiled binary, and what is done in it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listVariables, OPTIONS } from "../../src/config/options.ts";
import { BINARY } from "../kit/bridge.ts";
import { type RunResult, run } from "../kit/processes.ts";

const TSC = join(import.meta.dir, "../../node_modules/typescript/bin/tsc");
const UNSET = Object.fromEntries(OPTIONS.flatMap(listVariables).map((name) => [name, undefined]));
/** The compiler and a runner of tests take longer than most programs, on a busy machine. */
const TIMEOUT_MS = 15_000;

export type StarterFolder = AsyncDisposable & {
  readonly path: string;
  /** Runs the binary in the folder; there is no other program on its PATH. */
  runBinary(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<RunResult>;
  /** What the TypeScript compiler says of the folder; "" when it finds no mistake. */
  checkTypes(): Promise<string>;
  read(name: string): Promise<string>;
  write(name: string, text: string): Promise<void>;
};

/** An empty folder, far from any node_modules. */
export async function openEmptyFolder(): Promise<StarterFolder> {
  const path = await mkdtemp(join(tmpdir(), "viaduto-starter-"));
  return {
    path,
    runBinary(argv, env = {}) {
      const ownEnv = { ...UNSET, PATH: "", ...env };
      return run(BINARY, argv, { cwd: path, env: ownEnv, timeoutMs: TIMEOUT_MS });
    },
    async checkTypes() {
      const options = { cwd: path, timeoutMs: TIMEOUT_MS };
      const { stdout, stderr } = await run(process.execPath, [TSC, "--noEmit"], options);
      return stdout + stderr;
    },
    read: (name) => Bun.file(join(path, name)).text(),
    async write(name, text) {
      await Bun.write(join(path, name), text);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The folder as `viaduto init` makes it. */
export async function openStarterFolder(): Promise<StarterFolder> {
  const folder = await openEmptyFolder();
  const { exitCode, stderr } = await folder.runBinary(["init"]);
  if (exitCode === 0) return folder;
  await folder[Symbol.asyncDispose]();
  throw new Error(`viaduto init failed: ${stderr}`);
}
