// Brokers that are not ours, as processes: Debian's Mosquitto and NATS on free ports of 127.0.0.1.
// Each has a directory of its own; both leave with `await using`.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findExecutable } from "../../scripts/debian-parts.ts";
import { withFreePorts } from "./ports.ts";
import { type RunningProcess, run, spawnProcess, type WaitOptions } from "./processes.ts";

export type BrokerProcess = AsyncDisposable & {
  /** MQTT over TCP on 127.0.0.1. */
  readonly port: number;
  /** MQTT over WebSocket on 127.0.0.1; 0 when it was not asked for. */
  readonly wsPort: number;
  readonly directory: string;
  /** Of the process that runs now; another after a restart. */
  readonly pid: number;
  /** All log lines so far, also those from before a restart. */
  log(): string;
  /** Waits for a line in the log of the process that runs now. */
  waitForLog(pattern: RegExp, options?: WaitOptions): Promise<RegExpExecArray>;
  /** Sends the signal; resolves when it has ended, but at once for SIGSTOP and SIGCONT. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it when it still runs, and starts it with the same ports and directory. */
  restart(): Promise<void>;
};

export type MosquittoOptions = {
  /** Keep sessions and retained messages across restarts; off when absent. */
  readonly persistence?: boolean;
  /** Messages on their way to one client at a time; Mosquitto's own 20 when absent. */
  readonly maxInflight?: number;
  /** More lines for its configuration file; they belong to the (first, TCP) listener. */
  readonly extra?: readonly string[];
  /** Login → password. With it, nobody enters without. */
  readonly users?: Readonly<Record<string, string>>;
  /** One more listener, for MQTT over WebSocket. */
  readonly websocket?: boolean;
  /** Where its files are; when absent a new directory, which is removed at the end. */
  readonly directory?: string;
  /** A free one when absent. */
  readonly port?: number;
};

/** Debian's Mosquitto. Resolves when it accepts connections. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<BrokerProcess> {
  return startBroker(options, {
    executable: "mosquitto",
    ready: /mosquitto version .* running/,
    taken: /Address already in use/,
    async configure(directory, port, wsPort) {
      if (options.users) await writePasswords(join(directory, "passwords"), options.users);
      const lines = toMosquittoLines(options, directory, port, wsPort);
      await writeFile(join(directory, "mosquitto.conf"), `${lines.join("\n")}\n`);
      return ["-c", join(directory, "mosquitto.conf")];
    },
  });
}

/** Debian's NATS server with its MQTT 3.1.1 gateway. Resolves when it accepts connections. */
export async function startNats(
  options: { readonly directory?: string; readonly port?: number } = {},
): Promise<BrokerProcess> {
  return startBroker(options, {
    executable: "nats-server",
    ready: /Server is ready/,
    taken: /address already in use/,
    async configure(directory, port) {
      const lines = [
        'server_name: "viaduto-test"', // MQTT refuses to start without a name.
        'host: "127.0.0.1"',
        "port: -1", // NATS' own clients: any free port.
        `jetstream { store_dir: ${JSON.stringify(directory)} }`,
        `mqtt { host: "127.0.0.1", port: ${port} }`,
      ];
      await writeFile(join(directory, "nats.conf"), `${lines.join("\n")}\n`);
      return ["-c", join(directory, "nats.conf")];
    },
  });
}

type Program = {
  readonly executable: string;
  /** The log line that says that all listeners are open. */
  readonly ready: RegExp;
  /** The log line that says that somebody else has the port. */
  readonly taken: RegExp;
  /** Writes its files; gives its arguments. */
  configure(directory: string, port: number, wsPort: number): Promise<string[]>;
};
type Place = {
  readonly directory?: string;
  readonly port?: number;
  readonly websocket?: boolean;
};

async function startBroker(place: Place, program: Program): Promise<BrokerProcess> {
  const executable = findExecutable(program.executable);
  if (!executable) throw new Error(`${program.executable} is not installed`);
  const directory = place.directory ?? (await mkdtemp(join(tmpdir(), "viaduto-broker-")));
  const tidyUp = async () => {
    if (place.directory === undefined) await rm(directory, { recursive: true, force: true });
  };
  const attempt = async ([freePort = 0, freeWsPort = 0]: number[]) => {
    const port = place.port ?? freePort;
    const wsPort = place.websocket ? freeWsPort : 0;
    const args = await program.configure(directory, port, wsPort);
    const start = () => startProcess(executable, args, program);
    const process = await start();
    if (process !== "port-taken") {
      return toBrokerProcess(process, { port, wsPort, directory, start, tidyUp });
    }
    if (port === place.port) throw new Error(`port ${port} is taken`);
    return process;
  };
  try {
    return await withFreePorts(2, attempt);
  } catch (error) {
    await tidyUp();
    throw error;
  }
}

async function startProcess(
  executable: string,
  args: readonly string[],
  { ready, taken }: Program,
): Promise<RunningProcess | "port-taken"> {
  const process = spawnProcess(executable, args);
  try {
    await process.waitForLine(ready);
    return process;
  } catch (error) {
    await process.kill("SIGKILL");
    if (process.lines.some((line) => taken.test(line))) return "port-taken";
    throw error;
  }
}

function toBrokerProcess(
  first: RunningProcess,
  facts: {
    readonly port: number;
    readonly wsPort: number;
    readonly directory: string;
    start(): Promise<RunningProcess | "port-taken">;
    tidyUp(): Promise<void>;
  },
): BrokerProcess {
  const processes = [first];
  const current = () => processes.at(-1) ?? first;
  return {
    port: facts.port,
    wsPort: facts.wsPort,
    directory: facts.directory,
    get pid() {
      return current().pid;
    },
    log: () => processes.flatMap((process) => process.lines).join("\n"),
    waitForLog: (pattern, options) => current().waitForLine(pattern, options),
    kill: (signal) => current().kill(signal),
    async restart() {
      await current()[Symbol.asyncDispose]();
      const next = await facts.start();
      if (next === "port-taken") throw new Error(`port ${facts.port} was taken in between`);
      processes.push(next);
    },
    async [Symbol.asyncDispose]() {
      // Nothing of it is needed any more, and SIGKILL also ends one that SIGSTOP has frozen.
      await current().kill("SIGKILL");
      await facts.tidyUp();
    },
  };
}

function toMosquittoLines(
  options: MosquittoOptions,
  directory: string,
  port: number,
  wsPort: number,
): string[] {
  const logTypes = ["error", "warning", "notice", "information", "subscribe", "unsubscribe"];
  return [
    // Started by root it would become the user "mosquitto", who may not read its directory.
    ...(process.getuid?.() === 0 ? ["user root"] : []),
    ...logTypes.map((type) => `log_type ${type}`),
    `persistence ${options.persistence === true}`,
    `persistence_location ${directory}/`,
    `allow_anonymous ${options.users === undefined}`,
    ...(options.users ? [`password_file ${join(directory, "passwords")}`] : []),
    ...(options.maxInflight ? [`max_inflight_messages ${options.maxInflight}`] : []),
    `listener ${port} 127.0.0.1`,
    ...(options.extra ?? []),
    ...(wsPort ? [`listener ${wsPort} 127.0.0.1`, "protocol websockets"] : []),
  ];
}

async function writePasswords(
  file: string,
  users: Readonly<Record<string, string>>,
): Promise<void> {
  const text = Object.entries(users).map(([login, password]) => `${login}:${password}\n`);
  await writeFile(file, text.join(""), { mode: 0o600 });
  const result = await run("mosquitto_passwd", ["-U", file]); // -U: replaces plain by hashed.
  if (result.exitCode !== 0) throw new Error(`mosquitto_passwd failed: ${result.stderr}`);
}
