// `viaduto serve` told to stop at a bad moment: it ends all the same, and with 0, unless something
// is lost by it.

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBrokerPath } from "../../src/store/broker-file.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { run } from "../kit/processes.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";
import { MAIN, startTool } from "./tool-runner.ts";

/** It waits a while for the disk, and for the acknowledgement of its last word. */
const TEST_TIMEOUT_MS = 30_000;

/** The writing end of a pipe that is full, and that nobody reads while it is open. */
async function openFullPipe() {
  const folder = mkdtempSync(join(tmpdir(), "viaduto-pipe-"));
  const path = join(folder, "pipe");
  await run("mkfifo", [path]);
  const readingEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const filling = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  // A blocking end of its own, as a shell would give it to a program.
  const writingEnd = openSync(path, constants.O_WRONLY);
  try {
    for (;;) writeSync(filling, Buffer.alloc(4096));
  } catch {
    // EAGAIN: it is full.
  }
  rmSync(folder, { recursive: true });
  const close = () => [readingEnd, filling, writingEnd].forEach((end) => void closeSync(end));
  return { writingEnd, [Symbol.dispose]: close };
}

test("a full pipe that nobody reads does not keep it", async () => {
  using pipe = await openFullPipe();
  await using broker = await startScriptedBroker();
  const flags = ["--port", "0", "--broker", `mqtt://127.0.0.1:${broker.port}`];
  await using bridge = Bun.spawn([process.execPath, MAIN, ...flags], {
    cwd: tmpdir(),
    stdout: pipe.writingEnd,
    stderr: "pipe",
  });
  const connection = await broker.next();
  await connection.accept();
  bridge.kill("SIGTERM");
  expect(await bridge.exited).toBe(0);
});

test("while it waits for the embedded broker, which refuses it again and again", async () => {
  const ports = ["--port", "0", "--mqtt-port", "0", "--ws-port", "0"];
  // MQTT 3.1 allows for 23 characters.
  const refused = ["--mqtt-version", "3", "--client-id", "x".repeat(24)];
  await using bridge = startTool([...ports, ...refused, "--log-format", "text"]);
  await bridge.waitForLine(/WARN - .* does not accept the client id/);
  await bridge.kill("SIGTERM");
  expect(await bridge.ended).toBe(0);
  expect([bridge.lines.at(-1), bridge.stderr()]).toEqual([expect.stringMatching(/stopped$/), ""]);
});

test(
  "while its disk takes nothing: with 1, since the last changes are lost",
  async () => {
    await using folder = await makeFolder();
    const ports = ["--port", "0", "--mqtt-port", "0", "--ws-port", "0"];
    await using bridge = startTool([...ports, "--data", folder.path, "--log-format", "text"]);
    await bridge.waitForLine(/^ {4}(mosquitto_pub|viaduto pub) /);
    using other = new Database(toBrokerPath(folder.path));
    other.run("PRAGMA busy_timeout = 10000"); // The bridge may be writing.
    other.run("BEGIN IMMEDIATE");
    // Its own 'offline' is a change.
    await bridge.kill("SIGTERM");
    expect(await bridge.ended).toBe(1);
    expect(bridge.lines.join("\n")).toContain("the broker's last changes are not on the disk");
  },
  TEST_TIMEOUT_MS,
);
