// The brokers that bench-broker.ts measures, each a process of its own: viaduto's embedded one, and
// Debian's Mosquitto without limits and as Debian ships it.

import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../free-port.ts";
import type { Child } from "./children.ts";
import { awaitAnswer, type Stage, startMosquitto, UNLIMITED } from "./contestants.ts";
import { REQUEST_TOPIC } from "./mqtt-bytes.ts";

export const SUBJECTS = {
  viaduto: "viaduto, in memory",
  "viaduto-data": "viaduto, --data <folder>",
  mosquitto: "Mosquitto, no limits",
  defaults: "Mosquitto, defaults",
  "mosquitto-data": "Mosquitto, persistence",
} as const;
export type SubjectName = keyof typeof SUBJECTS;

export type Subject = AsyncDisposable & {
  readonly name: SubjectName;
  readonly port: number;
  /** Of the process that runs now. */
  readonly pid: number;
  /** What it had to say at the level of a warning. */
  complaints(): Promise<string[]>;
  /** Ends it with the signal, and waits for its end. */
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Starts it again, on the same port and with the same data. */
  restart(): Promise<void>;
};

/** Saves when it is stopped, and every second; a crash in between loses what came after. */
const PERSISTENT = ["persistence true", "autosave_interval 1"];

/** Starts a broker with data of its own; resolves when it has answered. */
export async function openSubject(name: SubjectName, stage: Stage): Promise<Subject> {
  const port = await findFreePort();
  const home = await mkdtemp(join(stage.directory, `${name}-`)); // A port may be free again.
  const start = () => startSubject(name, port, home, stage);
  let child = await start();
  return {
    name,
    port,
    get pid() {
      return child.pid;
    },
    async complaints() {
      const text = await readFile(join(home, "log"), "utf8").catch(() => child.complaints());
      return text.split("\n").filter((line) => line !== "" && !line.includes("run as root"));
    },
    kill: (signal) => child.kill(signal),
    async restart() {
      child = await start();
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

async function startSubject(
  name: SubjectName,
  port: number,
  home: string,
  stage: Stage,
): Promise<Child> {
  switch (name) {
    case "viaduto":
      return startViaduto(port, ":memory:", home, stage);
    case "viaduto-data":
      return startViaduto(port, join(home, "data"), home, stage);
    case "mosquitto":
      return startMosquitto(port, stage, UNLIMITED);
    case "defaults":
      return startMosquitto(port, stage, ["persistence false"]);
    case "mosquitto-data": {
      const limits = UNLIMITED.filter((line) => !line.startsWith("persistence"));
      return startMosquitto(port, stage, [
        ...limits,
        ...PERSISTENT,
        `persistence_location ${home}/`,
      ]);
    }
    default:
      return name satisfies never;
  }
}

async function startViaduto(
  port: number,
  data: string,
  home: string,
  { children, binary, logLevel }: Stage,
): Promise<Child> {
  const flags = ["--port", "0", "--mqtt-port", `${port}`, "--ws-port", "off", "--data", data];
  const command = [binary, ...flags, "--log-level", logLevel];
  const child = children.start("viaduto", command, join(home, "log"));
  await awaitAnswer(child, port, REQUEST_TOPIC);
  return child;
}
