// Handlers that misbehave, in the compiled binary: each is contained, told in the log and in GET
// /handlers, and a healthy one goes on answering meanwhile.

import { expect, test } from "bun:test";
import { connectDevice, type Device } from "../kit/device.ts";
import { createProject, type Project, type RunningProject } from "../kit/project.ts";

const HANG_MS = 1_000;
const BLOCK_MS = 2_000;
const HOPS = 16;
const TEST_TIMEOUT_MS = 30_000;

/** The text of a file whose handler listens on the topic of its own name. */
function handlerFile(name: string, body: string, options = ""): string {
  return `import { on, topic } from "viaduto";
const self = topic("${name}");
const answer = topic("answer");
export default on(self, async ({ payload, publish, log }) => { ${body} }${options});\n`;
}

const FILES = {
  "handlers/healthy.ts": handlerFile("healthy", "await publish(answer, payload);"),
  "handlers/throwing.ts": handlerFile(
    "throwing",
    'throw new Error("never again");',
    ", { retries: { times: 2, delay: 5 } }",
  ),
  "handlers/hanging.ts": handlerFile(
    "hanging",
    'log.info("it hangs"); await new Promise(() => {});',
    `, { timeout: ${HANG_MS} }`,
  ),
  "handlers/blocking.ts": handlerFile(
    "blocking",
    `log.info("it blocks"); const end = Date.now() + ${BLOCK_MS}; while (Date.now() < end);`,
  ),
  "handlers/looping.ts": handlerFile("looping", "await publish(self, payload);"),
};

type Scene = {
  readonly project: Project;
  readonly bridge: RunningProject;
  readonly device: Device;
};

/** Runs the misbehaviour; when it has begun and when the log told it, the healthy one works. */
async function watch(scene: Scene, name: string, begun: RegExp, told: RegExp): Promise<void> {
  const { bridge, device } = scene;
  const from = bridge.process.lines.length;
  await device.send(name, 1);
  await bridge.process.waitForLine(begun, { from });
  await expectAnswer(device, `during ${name}`);
  await bridge.process.waitForLine(told, { from });
  await expectAnswer(device, `after ${name}`);
}

async function expectAnswer(device: Device, text: string): Promise<void> {
  await device.send("healthy", JSON.stringify(text));
  await device.waitUntil(() => device.received.at(-1)?.text === JSON.stringify(text));
}

test(
  "handlers that throw, hang, block and loop are contained, and told",
  async () => {
    await using project = createProject(FILES);
    await using bridge = await project.start([]);
    await using device = await connectDevice(bridge.mqttPort, "answer");
    const scene = { project, bridge, device };
    const dead = (name: string) => new RegExp(`ERROR - .*${name}.* It is dead letter \\d+`);

    await watch(scene, "throwing", /throwing -> /, dead("throwing"));
    expect(await bridge.getHandler("throwing")).toMatchObject({
      ...{ received: 1, handled: 0, failed: 3, retried: 2, dead_letters: 1, running: 0 },
      last_failure: { topic: "throwing", code: "handler_failed" },
    });

    await watch(scene, "hanging", /it hangs/, dead("hanging"));
    expect(await bridge.getHandler("hanging")).toMatchObject({
      ...{ received: 1, handled: 0, failed: 1, dead_letters: 1, running: 0 },
      last_failure: { topic: "hanging", code: "handler_timeout" },
    });
    const lineOf = (text: string) => bridge.process.lines.findIndex((line) => line.includes(text));
    expect(lineOf('answer <- "during hanging"')).toBeGreaterThan(lineOf("it hangs"));
    expect(lineOf('answer <- "during hanging"')).toBeLessThan(lineOf("the handler hanging took"));

    const stall = /WARN - nothing could run for \d\.\d s: .* At work then: .*blocking/;
    await watch(scene, "blocking", /it blocks/, stall);
    const blocking = await bridge.getHandler("blocking");
    expect(blocking).toMatchObject({ received: 1, handled: 1, failed: 0 });
    expect(blocking.stalled_ms).toBeGreaterThan(BLOCK_MS / 2);

    await watch(scene, "looping", /looping -> /, dead("looping"));
    expect(await bridge.getHandler("looping")).toMatchObject({
      ...{ received: HOPS + 1, handled: HOPS, failed: 1, dead_letters: 1, running: 0 },
      last_failure: { topic: "looping", code: "handler_loop" },
    });

    const healthy = await bridge.getHandler("healthy");
    expect(healthy).toMatchObject({ received: 8, handled: 8, failed: 0, dead_letters: 0 });
    const letters = await project.listDeadLetters();
    expect(letters.map(({ code }) => code)).toEqual([
      "handler_loop",
      "handler_timeout",
      "handler_failed",
    ]);
    await bridge.process.kill("SIGTERM");
    expect(await bridge.process.ended).toBe(0);
  },
  TEST_TIMEOUT_MS,
);
