// `viaduto serve` told to stop at a bad moment: it ends all the same, and with 0.

import { expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../kit/processes.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";
import { MAIN, startTool } from "./tool-runner.ts";

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
