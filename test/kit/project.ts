// A project as a user has it: a folder with `handlers` and `data`, run by the compiled binary and
// nothing else. What it holds outlives the processes that a test starts and kills there.

import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listVariables, OPTIONS } from "../../src/config/options.ts";
import { BINARY } from "./bridge.ts";
import { type RunningProcess, run, spawnProcess } from "./processes.ts";
import { WAIT_TIMEOUT_MS } from "./waiting.ts";

const UNSET = Object.fromEntries(OPTIONS.flatMap(listVariables).map((name) => [name, undefined]));
const ENV = { ...UNSET, PATH: "" };

export type Project = AsyncDisposable & {
  readonly path: string;
  read(file: string): string;
  write(file: string, text: string): void;
  remove(file: string): void;
  /** Starts the bridge on free ports, with these flags; it may not be up yet. */
  spawn(flags: readonly string[]): RunningProcess;
  /** The same, once it has connected. */
  start(flags: readonly string[]): Promise<RunningProject>;
  /** Every dead letter of `data`, as `viaduto dead list --json` shows it. */
  listDeadLetters(): Promise<readonly DeadLetterLine[]>;
};

export type RunningProject = AsyncDisposable & {
  readonly process: RunningProcess;
  /** The embedded broker's TCP port; 0 with an external one. */
  readonly mqttPort: number;
  /** What the bridge answers to a GET, with its status. */
  get(path: string): Promise<{ readonly status: number; readonly json: unknown }>;
  /** One handler of GET /handlers. */
  getHandler(name: string): Promise<HandlerLine>;
};

export type DeadLetterLine = {
  readonly handler: string;
  readonly topic: string;
  readonly code: string;
  readonly attempts: number;
};

export type HandlerLine = {
  readonly name: string;
  readonly running: number;
  readonly waiting: number;
  readonly received: number;
  readonly handled: number;
  readonly failed: number;
  readonly dead_letters: number;
  readonly stalled_ms: number;
  readonly last_failure?: { readonly topic: string; readonly code: string };
};

/** A new project with these files; it leaves with `await using`, the processes before it. */
export function createProject(files: Readonly<Record<string, string>> = {}): Project {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "viaduto-project-")));
  const project: Project = {
    path,
    read: (file) => readFileSync(join(path, file), "utf8"),
    write(file, text) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text);
    },
    remove: (file) => rmSync(join(path, file)),
    spawn: (flags) => spawnBridge(path, flags),
    async start(flags) {
      const process = project.spawn(flags);
      try {
        return await toRunning(process);
      } catch (error) {
        await process[Symbol.asyncDispose]();
        throw error;
      }
    },
    listDeadLetters: () => listDeadLetters(path),
    async [Symbol.asyncDispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
  for (const [file, text] of Object.entries(files)) project.write(file, text);
  return project;
}

/** A project as `viaduto init` makes it. */
export async function initProject(): Promise<Project> {
  const project = createProject();
  const { exitCode, stderr } = await run(BINARY, ["init"], { cwd: project.path, env: ENV });
  if (exitCode === 0) return project;
  await project[Symbol.asyncDispose]();
  throw new Error(`viaduto init failed: ${stderr}`);
}

function spawnBridge(cwd: string, flags: readonly string[]): RunningProcess {
  // Next to --broker, --mqtt-port is refused: there is no embedded broker to listen.
  const ports = flags.includes("--broker") ? [] : ["--mqtt-port", "0", "--ws-port", "0"];
  const all = ["--port", "0", ...ports, "--data", "data", "--log-format", "text", ...flags];
  return spawnProcess(BINARY, all, { cwd, env: ENV });
}

async function toRunning(process: RunningProcess): Promise<RunningProject> {
  const [, port] = await process.waitForLine(/^ {2}HTTP +http:\/\/127\.0\.0\.1:(\d+)/);
  await process.waitForLine(/^ {4}(mosquitto_pub|viaduto pub) /);
  await process.waitForLine(/connected to /);
  const mqtt = /^ {2}MQTT +mqtt:\/\/127\.0\.0\.1:(\d+)/m.exec(process.stdout());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, json: await response.json() };
  };
  return {
    process,
    mqttPort: Number(mqtt?.[1] ?? 0),
    get,
    async getHandler(name) {
      const { handlers } = (await get("/handlers")).json as { handlers: HandlerLine[] };
      const found = handlers.find((handler) => handler.name === name);
      if (!found) throw new Error(`there is no handler ${name}`);
      return found;
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

async function listDeadLetters(cwd: string): Promise<readonly DeadLetterLine[]> {
  const argv = ["dead", "list", "--json", "--data", "data", "--limit", "10000"];
  const { exitCode, stdout, stderr } = await run(BINARY, argv, {
    cwd,
    env: ENV,
    timeoutMs: WAIT_TIMEOUT_MS,
  });
  if (exitCode !== 0) throw new Error(`viaduto dead list failed: ${stderr}`);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}
