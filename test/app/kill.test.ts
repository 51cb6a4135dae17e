// What is promised about messages when the compiled binary is killed, at any moment, while its
// handlers fail: each is handled at least once, or is a dead letter.

import { expect, test } from "bun:test";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import type { RunningProcess } from "../kit/processes.ts";
import { createProject, type DeadLetterLine, type Project } from "../kit/project.ts";
import { createRandom, createSeed, type Random } from "../kit/random.ts";
import { describeIf } from "../kit/suites.ts";

const ROUNDS = 20;
const MESSAGES = 300;
/** Every so many-th message fails always. */
const BROKEN_EVERY = 20;
const FLAGS = ["--client-id", "bridge"];
const seed = Number(process.env.KILL_SEED ?? createSeed());

// It writes what it has done to a file at once, as a handler's work is done before the message is
// acknowledged; a kill does not take from a file what was written.
const WORK = `import { appendFileSync } from "node:fs";
import { on, t, topic } from "viaduto";

const job = topic("jobs/{id}", { payload: t.Object({ isBroken: t.Boolean() }) });

export default on(
  job,
  async ({ payload, params, log }) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    if (payload.isBroken) throw new Error("it is broken");
    if (Math.random() < 0.4) throw new Error("bad luck");
    appendFileSync("handled.txt", params.id + "\\n");
    log.info("handled " + params.id);
  },
  { retries: { times: 3, delay: 5 }, key: ({ params }) => params.id },
);
`;

const isBroken = (id: number) => id % BROKEN_EVERY === 0;

function listHandled(project: Project): number[] {
  return project.read("handled.txt").split("\n").filter(Boolean).map(Number);
}

function toId({ topic }: DeadLetterLine): number {
  return Number(topic.replace("jobs/", ""));
}

/** Sends a round of messages, and kills the bridge at a random line of its log. */
async function killAmidst(
  bridge: RunningProcess,
  device: Device,
  firstId: number,
  random: Random,
): Promise<void> {
  const ids = Array.from({ length: MESSAGES }, (_, at) => firstId + at);
  const sends = ids.map((id) => device.send(`jobs/${id}`, { isBroken: isBroken(id) }));
  // Each message makes a line of the log, so that this one comes.
  await bridge.waitForLine(/^/, { from: random.below(MESSAGES) });
  await bridge.kill("SIGKILL");
  await Promise.all(sends);
}

/** Resolves when each message is handled or dead; a line of the log says when to look again. */
async function waitForAll(project: Project, bridge: RunningProcess, count: number): Promise<void> {
  for (;;) {
    const from = bridge.lines.length;
    const settled = new Set([
      ...listHandled(project),
      ...(await project.listDeadLetters()).map(toId),
    ]);
    if (settled.size >= count) return;
    await bridge.waitForLine(/handled \d+$|It is dead letter/, { from });
  }
}

describeIf("mosquitto", `killed at a random moment, ${ROUNDS} times (seed ${seed})`, () => {
  test("every message is handled, or a dead letter, and what always fails is dead", async () => {
    const random = createRandom(seed);
    await using mosquitto = await startMosquitto({ extra: ["max_queued_messages 0"] });
    await using project = createProject({ "handlers/work.ts": WORK, "handled.txt": "" });
    const flags = ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`, ...FLAGS];
    // From its first connection on, the broker keeps what comes for the bridge.
    await (await project.start(flags))[Symbol.asyncDispose]();
    await using device = await connectDevice(mosquitto.port);
    for (let round = 0; round < ROUNDS; round++) {
      await using bridge = project.spawn(flags);
      await killAmidst(bridge, device, round * MESSAGES, random);
    }
    const sent = ROUNDS * MESSAGES;
    await using quiet = await project.start(flags);
    await waitForAll(project, quiet.process, sent);
    await quiet.process.kill("SIGTERM");

    const ids = Array.from({ length: sent }, (_, id) => id);
    const handled = new Set(listHandled(project));
    const letters = await project.listDeadLetters();
    const dead = new Set(letters.map(toId));
    expect([...handled.union(dead)].toSorted((one, other) => one - other)).toEqual(ids);
    expect([...handled].filter(isBroken)).toEqual([]);
    expect(ids.filter((id) => isBroken(id) && !dead.has(id))).toEqual([]);
    for (const letter of letters) {
      expect(letter).toMatchObject({ attempts: 4, code: "handler_failed" });
    }

    // Nothing is left at the broker: what is sent now is the first to come.
    await using empty = await project.start(flags);
    await device.send("jobs/more", { isBroken: false });
    const [line] = await empty.process.waitForLine(/jobs\/\w+ -> /);
    expect(line).toBe("jobs/more -> ");
  }, 120_000);
});
