// `bun run bench:http`: POST /publish with QoS 1, answered after the PUBACK, beside what people
// write themselves: FastAPI + paho (python3-fastapi, uvicorn, python3-paho-mqtt of Debian) and
// Fastify + mqtt.js on Node. Every contestant takes its turn in every round; use the ratios.
// Flags: --rounds, --seconds, --connections, --node-folder (with fastify and mqtt in it; else
// npm gets them), --binary, --only a,b.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { provideBinary } from "./bench/binary.ts";
import { openChildren } from "./bench/children.ts";
import { startMosquitto } from "./bench/contestants.ts";
import {
  HTTP_CONTESTANTS,
  type HttpContestant,
  type HttpStage,
  startHttp,
} from "./bench/http-contestants.ts";
import { type HttpFigures, loadHttp } from "./bench/http-load.ts";
import { describeMachine, toMachineLine } from "./bench/machine.ts";
import { summarize, summarizeRatios } from "./bench/statistics.ts";
import { align, format } from "./bench/table.ts";
import { findFreePort } from "./free-port.ts";

type Measured = HttpFigures & { readonly contestant: HttpContestant };
type Options = ReturnType<typeof readOptions>;

const HEATING_SECONDS = 2;
const BODY = JSON.stringify({ topic: "bench/http", payload: '{"temperature":21.5}', qos: 1 });
const RATIOS: readonly (readonly [HttpContestant, HttpContestant])[] = [
  ["external", "fastapi"],
  ["external", "fastify"],
  ["embedded", "fastapi"],
  ["embedded", "fastify"],
  ["embedded", "external"],
];

async function run(options: Options): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "viaduto-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const children = stack.use(openChildren(directory));
  const machine = describeMachine();
  const binary = await provideBinary(options.binary, directory, say);
  const mosquittoPort = await findFreePort();
  await startMosquitto(mosquittoPort, { children, directory });
  const nodeFolder = options.nodeFolder ?? (await installForNode(directory));
  const stage: HttpStage = { children, directory, binary, mosquittoPort, nodeFolder };
  const measured: Measured[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const contestant of options.contestants) {
      const figures = await measure(contestant, stage, options);
      measured.push({ contestant, ...figures });
      const { requestsPerSecond, p99Ms } = figures;
      const words = `${Math.round(requestsPerSecond)} requests/s, p99 ${p99Ms.toFixed(2)} ms`;
      say(`round ${round} of ${options.rounds}, ${HTTP_CONTESTANTS[contestant]}: ${words}`);
    }
  }
  console.log([toMachineLine(machine), "", ...report(measured, options.contestants)].join("\n"));
}

// Alone: a process that idles beside would still take memory and wake up.
async function measure(
  contestant: HttpContestant,
  stage: HttpStage,
  { connections, seconds }: Options,
): Promise<HttpFigures> {
  await using bridge = await startHttp(contestant, stage, (port) => {
    const headers = { "Content-Type": "application/json" };
    return fetch(`http://127.0.0.1:${port}/publish`, { method: "POST", body: BODY, headers });
  });
  const { port } = bridge;
  const load = { port, connections, request: toRequest(port) };
  await loadHttp({ ...load, seconds: HEATING_SECONDS });
  return await loadHttp({ ...load, seconds });
}

function toRequest(port: number): Buffer {
  const head = [
    "POST /publish HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(BODY)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${BODY}`);
}

function report(measured: readonly Measured[], contestants: readonly HttpContestant[]): string[] {
  const of = (contestant: HttpContestant) => {
    return measured.filter((one) => one.contestant === contestant);
  };
  const rows = contestants.map((contestant) => {
    const all = of(contestant);
    const column = (read: (one: Measured) => number) => summarize(all.map(read));
    return [
      HTTP_CONTESTANTS[contestant],
      format(
        column((one) => one.requestsPerSecond),
        0,
      ),
      format(
        column((one) => one.p50Ms),
        2,
      ),
      format(
        column((one) => one.p99Ms),
        2,
      ),
    ];
  });
  const ratios = RATIOS.filter((pair) => pair.every((one) => contestants.includes(one)));
  const lines = ratios.map(([one, other]) => {
    const pairs = of(one).map((figures, at) => {
      return [figures.requestsPerSecond, of(other)[at]?.requestsPerSecond ?? 0] as const;
    });
    const times = format(summarizeRatios(pairs), 2);
    return `  ${HTTP_CONTESTANTS[one]} / ${HTTP_CONTESTANTS[other]}: ${times}`;
  });
  return [...align([["", "requests/s", "p50 ms", "p99 ms"], ...rows]), "", ...lines];
}

async function installForNode(directory: string): Promise<string> {
  say("npm installs fastify and mqtt");
  const folder = join(directory, "node");
  await mkdir(folder);
  await Bun.write(join(folder, "package.json"), "{}");
  const npm = Bun.spawn(["npm", "install", "--silent", "fastify@5", "mqtt@5"], { cwd: folder });
  if ((await npm.exited) !== 0) throw new Error("npm could not install fastify and mqtt");
  return folder;
}

function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "5" },
      connections: { type: "string", default: "64" },
      only: { type: "string", default: Object.keys(HTTP_CONTESTANTS).join(",") },
      "node-folder": { type: "string" },
      binary: { type: "string" },
    },
  });
  return {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    connections: Number(values.connections),
    contestants: values.only.split(",") as HttpContestant[],
    nodeFolder: values["node-folder"],
    binary: values.binary,
  };
}

/** Progress; beside the figures, so that those can be redirected. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await run(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
