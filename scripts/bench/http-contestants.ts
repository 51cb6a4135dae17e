// Who takes part in the HTTP benchmark, and how each is started. All but the embedded broker share
// one Mosquitto.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../free-port.ts";
import type { Child, Children } from "./children.ts";

export const HTTP_CONTESTANTS = {
  fastapi: "FastAPI + paho",
  fastify: "Fastify + mqtt.js",
  external: "viaduto + Mosquitto",
  embedded: "viaduto embedded",
} as const;
export type HttpContestant = keyof typeof HTTP_CONTESTANTS;

export type HttpStage = {
  readonly children: Children;
  readonly directory: string;
  readonly binary: string;
  readonly mosquittoPort: number;
  /** A folder with fastify and mqtt in its node_modules. */
  readonly nodeFolder: string;
};

const OWN = (file: string) => join(import.meta.dir, file);
const PYTHON = "/usr/bin/python3";
const READY_TIMEOUT_MS = 20_000;
const RETRY_MS = 50;

/** Starts it; resolves with its HTTP port when it has published. Throws with what it said. */
export async function startHttp(
  contestant: HttpContestant,
  stage: HttpStage,
  request: (port: number) => Promise<Response>,
): Promise<Child & { readonly port: number }> {
  const port = await findFreePort();
  const command = await toCommand(contestant, stage, port);
  const child = stage.children.start(contestant, command, "/dev/null");
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (child.hasEnded()) throw new Error(`${contestant} ended at once: ${child.complaints()}`);
    const answer = await request(port).catch(() => undefined);
    if (answer?.ok) return { ...child, port };
    if (performance.now() > deadlineMs) {
      await child[Symbol.asyncDispose]();
      throw new Error(`${contestant} did not publish: ${answer?.status} ${child.complaints()}`);
    }
    await sleep(RETRY_MS);
  }
}

async function toCommand(
  contestant: HttpContestant,
  { binary, mosquittoPort, nodeFolder, directory }: HttpStage,
  port: number,
): Promise<string[]> {
  const ports = [String(port), String(mosquittoPort)];
  const viaduto = [binary, "--port", String(port), "--log-level", "warn"];
  switch (contestant) {
    case "fastapi":
      return [PYTHON, OWN("fastapi-bridge.py"), ...ports];
    case "fastify":
      return [
        "sh",
        "-c",
        'cd "$0" && exec node "$@"',
        nodeFolder,
        OWN("fastify-bridge.mjs"),
        ...ports,
      ];
    case "external": {
      const data = ["--data", join(directory, "external")];
      return [...viaduto, ...data, "--broker", `mqtt://127.0.0.1:${mosquittoPort}`];
    }
    case "embedded": {
      const mqttPort = String(await findFreePort());
      const data = ["--data", join(directory, "embedded")];
      return [...viaduto, ...data, "--mqtt-port", mqttPort, "--ws-port", "0"];
    }
    default:
      return contestant satisfies never;
  }
}
