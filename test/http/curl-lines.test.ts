// The lines of curl that /docs and the manual show, run by a shell against the compiled binary: one
// for each route of the OpenAPI document, and those of the README. Whoever adds a route or a line
// finds it run here.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  buildRequest,
  type Operation,
  toCurlLine,
  toExampleValues,
} from "../../src/web/docs/curl-line.ts";
import { type BinaryBridge, startBinary } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { run } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";

type Line = { readonly name: string; readonly line: string; readonly operation?: Operation };
type Outcome = Line & { readonly status: number };
type OpenApi = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

const MANUAL = join(import.meta.dir, "../../README.md");
const TOKEN = "abc";
/** Many programs, one after the other, on a busy machine. */
const TIMEOUT_MS = 60_000;
/** A stream does not end by itself. */
const SECONDS_MAX = 2;
/** What nobody can do at an external broker, or with a payload that never fits. */
const OFTEN_REFUSED = [
  "listClients",
  "getClient",
  "disconnectClient",
  "redriveDeadLetter",
  "getFlow",
  "call",
  "getCallResult",
];
/**
 * So that what is read or deleted is there: deleting comes at the end, one before all; in general,
 * the longer path first.
 */
const ORDER = ["put", "get", "post", "delete"];

describe("with the embedded broker", () => {
  test("every line is answered as its document says", () => expectAnswers([]), TIMEOUT_MS);
});

describeIf("mosquitto", "with Mosquitto", () => {
  test(
    "every line is answered as its document says",
    async () => {
      await using mosquitto = await startMosquitto();
      await expectAnswers(["--broker", `mqtt://127.0.0.1:${mosquitto.port}`], mosquitto.port);
    },
    TIMEOUT_MS,
  );
});

async function expectAnswers(flags: readonly string[], externalPort?: number): Promise<void> {
  const all = [...flags, "--data", ":memory:", "--http-token", TOKEN];
  await using binary = await startBinary({ flags: all });
  const port = externalPort ?? binary.mqttPort;
  await using _device = await connectDevice(port, "rooms/#", { clientId: "sensor-99" });
  await makeDeadLetter(binary);
  const document = (await (await ask(binary.url, "/openapi.json")).json()) as OpenApi;
  const outcomes: Outcome[] = [];
  for (const line of [...listLines(document, binary.url), ...(await listManualLines(binary.url))]) {
    outcomes.push({ ...line, status: await runLine(line.line) });
  }
  expect(outcomes.length).toBeGreaterThan(20);
  expect(outcomes.filter(isUndocumented).map(describeOutcome)).toEqual([]);
  const refused = outcomes.filter(({ status, name }) => {
    return status >= 400 && !OFTEN_REFUSED.includes(name) && !name.includes("/rpc/");
  });
  expect(refused.map(describeOutcome)).toEqual([]);
}

function ask(url: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}${path}`, { ...init, headers: { Authorization: `Bearer ${TOKEN}` } });
}

async function makeDeadLetter({ url, process }: BinaryBridge): Promise<void> {
  await process.waitForLine(/connected to /);
  await ask(url, "/topics/devices/update", { method: "PUT", body: "no JSON" });
  await process.waitForLine(/dead letter 1/);
}

/** One for each route, as /docs shows it before anyone has typed. */
function listLines({ paths }: OpenApi, url: string): Line[] {
  const rank = (method: string) => ORDER.indexOf(method);
  return Object.entries(paths)
    .flatMap(([path, methods]) => {
      return Object.entries(methods).map(([method, operation]) => ({ path, method, operation }));
    })
    .sort((one, other) => {
      return rank(one.method) - rank(other.method) || other.path.length - one.path.length;
    })
    .map(({ path, method, operation }) => {
      const request = buildRequest(method, path, operation, toExampleValues(operation));
      return { name: operation.operationId, line: toCurlLine(request, url, TOKEN), operation };
    });
}

/** The manual's lines, at this bridge in place of the one at its usual port. */
async function listManualLines(url: string): Promise<Line[]> {
  const text = await Bun.file(MANUAL).text();
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  const lines = blocks.flatMap((block) => block.replaceAll("\\\n", " ").split("\n"));
  const own = lines.filter((line) => line.startsWith("curl "));
  expect(own).not.toEqual([]);
  return own.map((line) => {
    const here = line.replaceAll(/(http:\/\/)?(localhost|127\.0\.0\.1):8080/g, url);
    const isGuarded = here.includes("Authorization");
    const header = isGuarded ? "" : `-H 'Authorization: Bearer ${TOKEN}' `;
    return { name: line, line: here.replace(/^curl /, `curl ${header}`) };
  });
}

/** The status of the answer. */
async function runLine(line: string): Promise<number> {
  const quiet = `curl -sS --max-time ${SECONDS_MAX} -o /dev/null -w '%{http_code}'`;
  const env = { HTTP_TOKEN: TOKEN };
  const command = line.replace(/^curl/, quiet).replace(/ \| .*$/, "");
  const { stdout, stderr } = await run("sh", ["-c", command], { env });
  const status = Number(stdout);
  if (status > 0) return status;
  throw new Error(`no answer to ${line}: ${stderr}`);
}

function isUndocumented({ operation, status }: Outcome): boolean {
  return operation !== undefined && !Object.keys(operation.responses ?? {}).includes(`${status}`);
}

function describeOutcome({ name, line, status }: Outcome): string {
  return `${status} ${name}: ${line}`;
}
