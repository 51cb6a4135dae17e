// Nonsense to every route, to a bridge in a process of its own. FUZZ_REQUESTS sends more of it,
// FUZZ_SEED the same again.

import { expect, test } from "bun:test";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { connectDevice } from "../kit/device.ts";
import { FUZZ_TOKENS, fuzzHttp } from "../kit/http-fuzzer.ts";
import { spawnProcess } from "../kit/processes.ts";
import { createSeed } from "../kit/random.ts";
import { listRoutes } from "../kit/route-list.ts";

const requests = Number(process.env.FUZZ_REQUESTS ?? 1_000);
const seed = Number(process.env.FUZZ_SEED ?? createSeed());
const ROOT = join(import.meta.dir, "../..");
const MIB = 1 << 20;
/** What a bridge that has done nothing yet may grow by; 40,000 requests need no more than 1,000. */
const GROWTH_MIB_MAX = 200;
/** Connections whose request never ends are closed by Bun after its idle time. */
const CLOSE_MS = 20_000;

test(
  `${requests} requests of nonsense: each answer has a name, and nothing gets through`,
  async () => {
    await using bridge = await startBridgeProcess();
    await using device = await connectDevice(bridge.mqttPort, "#");
    const before = bridge.measure();
    const routes = await listRoutes();
    const { statuses, offenders } = await fuzzHttp({ port: bridge.port, seed, requests, routes });
    expect({ seed, offenders }).toEqual({ seed, offenders: [] });
    const health = await fetch(`http://127.0.0.1:${bridge.port}/health`, {
      headers: { Connection: "close" },
    });
    expect(health.status).toBe(200);
    // `fuzz/#` is for `fuzz` as well (MQTT 5 section 4.7.1.2).
    const topics = new Set(device.received.map(({ topic }) => topic));
    const strangers = [...topics].filter((topic) => !/^(fuzz|viaduto)(\/|$)/.test(topic));
    expect({ seed, strangers, isAnyThere: topics.size > 1 }).toEqual({
      seed,
      strangers: [],
      isAnyThere: true,
    });
    const deadline = performance.now() + CLOSE_MS;
    let after = bridge.measure();
    // One is that of the requests here, kept open by the client.
    const socketsMax = before.sockets + 1;
    while (after.sockets > socketsMax && performance.now() < deadline) {
      await (await fetch(`http://127.0.0.1:${bridge.port}/health`)).text();
      after = bridge.measure();
    }
    console.log(
      `FUZZ_SEED=${seed}: ${JSON.stringify([...statuses].sort())}, ` +
        `rss ${before.rssMib} -> ${after.rssMib} MiB, ` +
        `sockets ${before.sockets} -> ${after.sockets}`,
    );
    expect(after.sockets).toBeLessThanOrEqual(socketsMax);
    expect(after.rssMib - before.rssMib).toBeLessThan(GROWTH_MIB_MAX);
    expect(bridge.process.stderr()).toBe("");
  },
  60_000 + requests * 20,
);

async function startBridgeProcess() {
  const folder = await makeTemporaryFolder();
  const file = await folder.write("tokens", FUZZ_TOKENS);
  const ports = ["--port", "0", "--mqtt-port", "0", "--ws-port", "off"];
  const more = ["--data", ":memory:", "--log-format", "text", "--http-tokens-file", file];
  const args = [join(ROOT, "src/main.ts"), ...ports, ...more];
  const process = spawnProcess(Bun.argv[0] ?? "bun", args, { cwd: folder.path });
  const [, port] = await process.waitForLine(/^ {2}HTTP +http:\/\/127\.0\.0\.1:(\d+)/);
  const [, mqttPort] = await process.waitForLine(/^ {2}MQTT +mqtt:\/\/127\.0\.0\.1:(\d+)/);
  await process.waitForLine(/connected to /);
  return {
    process,
    port: Number(port),
    mqttPort: Number(mqttPort),
    measure() {
      const folder = `/proc/${process.pid}/fd`;
      const sockets = readdirSync(folder).filter((name) => isSocket(join(folder, name))).length;
      const [, pages = "0"] = readFileSync(`/proc/${process.pid}/statm`, "utf8").split(" ");
      return { sockets, rssMib: Math.round((Number(pages) * 4_096) / MIB) };
    },
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith("socket:");
  } catch {
    return false; // It was closed between the two looks.
  }
}
