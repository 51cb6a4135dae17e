// Who takes part, and how each is started: a Mosquitto of its own where it needs one, then the
// bridge. Ready means that it has answered a request.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findExecutable } from "../debian-parts.ts";
import { findFreePort } from "../free-port.ts";
import type { Child, Children } from "./children.ts";
import { ANSWER_FILTER, REQUEST_TOPIC } from "./mqtt-bytes.ts";
import { checkAnswer, probe } from "./probe.ts";

export type Letter = "A" | "B" | "C" | "D" | "E" | "F" | "G";

type Definition = {
  readonly name: string;
  readonly hasMosquitto: boolean;
  /** Calibration: what the load generator and Mosquitto can do without any bridge. */
  readonly isCalibration: boolean;
  readonly requestTopic: string;
  /** The bridge's command, given the broker's port (its own, when it is a broker too). */
  readonly bridge?: (port: number, stage: Stage) => string[];
};

/** What all contestants are started with. */
export type Stage = {
  readonly children: Children;
  readonly directory: string;
  readonly binary: string;
  readonly logLevel: string;
};

const OWN = (file: string) => join(import.meta.dir, file);
/** What the generator publishes here comes straight back to it. */
const LOOP_TOPIC = ANSWER_FILTER.replace("#", "1000");
const MAIN_JOB = { requestTopic: REQUEST_TOPIC, isCalibration: false } as const;

export const DEFINITIONS: Readonly<Record<Letter, Definition>> = {
  A: {
    ...MAIN_JOB,
    name: "plain echo + Mosquitto",
    hasMosquitto: true,
    bridge: (port) => [process.execPath, OWN("plain-echo.ts"), `mqtt://127.0.0.1:${port}`],
  },
  B: {
    ...MAIN_JOB,
    name: "viaduto + Mosquitto",
    hasMosquitto: true,
    bridge: toExternal,
  },
  C: {
    ...MAIN_JOB,
    name: "viaduto embedded",
    hasMosquitto: false,
    bridge: toEmbedded,
  },
  D: {
    name: "Mosquitto alone",
    hasMosquitto: true,
    isCalibration: true,
    requestTopic: LOOP_TOPIC,
  },
  E: {
    name: "generator alone",
    hasMosquitto: false,
    isCalibration: true,
    requestTopic: REQUEST_TOPIC,
    bridge: (port) => [process.execPath, OWN("mirror.ts"), `${port}`],
  },
  F: {
    ...MAIN_JOB,
    name: "viaduto embedded, no history",
    hasMosquitto: false,
    bridge: (port, stage) => [...toEmbedded(port, stage), "--history", "off"],
  },
  G: {
    ...MAIN_JOB,
    name: "viaduto + Mosquitto, no history",
    hasMosquitto: true,
    bridge: (port, stage) => [...toExternal(port, stage), "--history", "off"],
  },
};

export type Contestant = AsyncDisposable & {
  readonly letter: Letter;
  readonly port: number;
  readonly requestTopic: string;
  readonly processes: readonly Child[];
};

const READY_TIMEOUT_MS = 20_000;
const PORT_ATTEMPTS_MAX = 3;

/** Starts a contestant; resolves when it has answered. Throws with what its processes said. */
export async function openContestant(letter: Letter, stage: Stage): Promise<Contestant> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openOnce(letter, stage);
    } catch (error) {
      // Another program may have taken the port in between.
      if (attempt === PORT_ATTEMPTS_MAX) throw error;
    }
  }
}

async function openOnce(letter: Letter, stage: Stage): Promise<Contestant> {
  const { hasMosquitto, bridge } = DEFINITIONS[letter];
  await using stack = new AsyncDisposableStack();
  const port = await findFreePort();
  const broker = hasMosquitto ? stack.use(await startMosquitto(port, stage)) : undefined;
  const bridges = bridge ? [stack.use(await startBridge(letter, port, stage))] : [];
  const owned = stack.move();
  return {
    letter,
    port,
    requestTopic: DEFINITIONS[letter].requestTopic,
    processes: broker ? [...bridges, broker] : bridges,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Starts the contestant's bridge; resolves when it has answered. */
export async function startBridge(letter: Letter, port: number, stage: Stage): Promise<Child> {
  const { name, bridge, requestTopic, isCalibration } = DEFINITIONS[letter];
  if (!bridge) throw new Error(`${name} has no bridge`);
  // At the level `info` it tells of every message, and the disk is not what is measured. What it
  // says at `warn` is kept, and shown at the end.
  const isKept = stage.logLevel === "warn";
  const output = isKept ? join(stage.directory, `${letter}-${port}.log`) : "/dev/null";
  const child = stage.children.start("bridge", bridge(port, stage), output);
  const answer = await awaitAnswer(child, port, requestTopic);
  if (!isCalibration) checkAnswer(answer);
  return child;
}

/** Debian's Mosquitto without the limits and delays of its defaults, which would be measured. */
export const UNLIMITED = [
  "persistence false",
  "set_tcp_nodelay true",
  "max_inflight_messages 0",
  "max_queued_messages 0",
] as const;

/** What it says at the levels error and warning, the child keeps as its complaints. */
export async function startMosquitto(
  port: number,
  { children, directory }: Pick<Stage, "children" | "directory">,
  settings: readonly string[] = UNLIMITED,
): Promise<Child> {
  const executable = findExecutable("mosquitto");
  if (!executable) throw new Error("mosquitto is missing (get it: apt-get install mosquitto)");
  const file = join(directory, `mosquitto-${port}.conf`);
  const lines = [
    // Started by root it would become the user "mosquitto", who may not read its directory.
    ...(process.getuid?.() === 0 ? ["user root"] : []),
    "log_dest stderr",
    "log_type error",
    "log_type warning",
    "allow_anonymous true",
    ...settings,
    `listener ${port} 127.0.0.1`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  const child = children.start("mosquitto", [executable, "-c", file], "/dev/null");
  await awaitAnswer(child, port, LOOP_TOPIC);
  return child;
}

/** Resolves with the answer to a request; throws, with what the child said, when it ends before. */
export async function awaitAnswer(
  child: Child,
  port: number,
  requestTopic: string,
): Promise<string> {
  const check = () => {
    if (child.hasEnded()) throw new Error(`${child.name} ended at once: ${child.complaints()}`);
  };
  try {
    return await probe({ port, requestTopic, timeoutMs: READY_TIMEOUT_MS, check });
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}

function toExternal(port: number, stage: Stage): string[] {
  return [...toViaduto(port, stage), "--broker", `mqtt://127.0.0.1:${port}`];
}

function toEmbedded(port: number, stage: Stage): string[] {
  return [...toViaduto(port, stage), "--mqtt-port", `${port}`, "--ws-port", "0"];
}

// Several run side by side, and each keeps its own.
function toViaduto(port: number, { binary, logLevel }: Stage): string[] {
  return [binary, "--port", "0", "--data", `data-${port}`, "--log-level", logLevel];
}
