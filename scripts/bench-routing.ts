// `bun run bench:routing`: what a message costs when 1, 100 or 10,000 topics have handlers. The
// binary runs the main job among that many others, the broker inside it; all take their turn in
// every round. Use the ratios, never the absolute figures. Linux only.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, type Children, openChildren } from "./bench/children.ts";
import type { LoadOrder, LoadResult } from "./bench/load-order.ts";
import { describeMachine } from "./bench/machine.ts";
import { REQUEST_TOPIC } from "./bench/mqtt-bytes.ts";
import { checkAnswer, probe } from "./bench/probe.ts";
import { summarize } from "./bench/statistics.ts";
import { buildForThisMachine } from "./build.ts";
import { findFreePort } from "./free-port.ts";

const COUNTS = [1, 100, 10_000] as const;
const ROUNDS = 7;
const WINDOW = 64;
const SECONDS = 3;
const WARM_UP_SECONDS = 2;
const READY_TIMEOUT_MS = 30_000;
const LOAD_TIMEOUT_MS = 60_000;

/** The main job's handler, and beside it as many as are wanted. */
const HANDLERS = `
import { on, t, topic } from "viaduto";

const update = topic("devices/update", {
  payload: t.Object({ device_id: t.String() }, { additionalProperties: true }),
});
const status = topic("devices/update/status/{ticket}", {
  payload: t.Object({
    device_id: t.String(),
    status: t.String(),
    request: t.Unknown(),
    timestamp: t.String(),
  }),
});
const answer = on(
  update,
  async ({ payload, publish }) => {
    const ticket = String(1000 + Math.floor(Math.random() * 9000));
    const { device_id } = payload;
    const answer = { device_id, status: "received", request: payload };
    await publish(status, { ticket }, { ...answer, timestamp: new Date().toISOString() });
  },
  { key: ({ payload }) => payload.device_id },
);
const others = Array.from({ length: COUNT - 1 }, (_, at) => {
  return on(topic(\`sites/\${at % 100}/lines/\${at}/{machine}/state\`), () => {});
});
export default [answer, ...others];
`;

type Contestant = AsyncDisposable & {
  readonly count: number;
  readonly port: number;
  readonly child: Child;
};

async function run(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const binary = await buildForThisMachine();
  const directory = await mkdtemp(join(tmpdir(), "viaduto-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const children = stack.use(openChildren(directory));
  const contestants: Contestant[] = [];
  for (const count of COUNTS) {
    contestants.push(stack.use(await openContestant(count, binary, directory, children)));
  }
  const cpu = COUNTS.map((): number[] => []);
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [at, contestant] of contestants.entries()) {
      const ms = await measure(contestant, children);
      cpu[at]?.push(ms);
      console.log(`round ${round}: ${contestant.count} topics, ${ms.toFixed(0)} ms per 10,000`);
    }
  }
  report(cpu);
}

async function openContestant(
  count: number,
  binary: string,
  directory: string,
  children: Children,
): Promise<Contestant> {
  const folder = join(directory, `handlers-${count}`);
  await mkdir(folder);
  await Bun.write(join(folder, "many.ts"), HANDLERS.replace("COUNT", String(count)));
  const port = await findFreePort();
  const flags = ["--port", "0", "--mqtt-port", `${port}`, "--ws-port", "off", "--data", ":memory:"];
  const command = [binary, ...flags, "--handlers", folder, "--log-level", "warn"];
  const child = children.start(`${count} topics`, command, join(directory, `${count}.log`));
  const check = () => {
    if (child.hasEnded()) throw new Error(`${child.name} ended at once: ${child.complaints()}`);
  };
  const requestTopic = REQUEST_TOPIC;
  checkAnswer(await probe({ port, requestTopic, timeoutMs: READY_TIMEOUT_MS, check }));
  return { count, port, child, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

/** CPU time of the bridge, milliseconds per 10,000 round trips. */
async function measure({ port, child }: Contestant, children: Children): Promise<number> {
  const order: LoadOrder = {
    port,
    requestTopic: REQUEST_TOPIC,
    window: WINDOW,
    seconds: SECONDS,
    warmUpSeconds: WARM_UP_SECONDS,
    pids: [child.pid],
  };
  const command = [process.execPath, join(import.meta.dir, "bench/load.ts"), JSON.stringify(order)];
  const output = await children.start("the generator", command).output(LOAD_TIMEOUT_MS);
  const { answers, cpuMs }: LoadResult = JSON.parse(output);
  return ((cpuMs[0] ?? 0) * 10_000) / answers;
}

function report(cpu: readonly number[][]): void {
  console.log(describeMachine());
  const first = cpu[0] ?? [];
  for (const [at, values] of cpu.entries()) {
    const { median, min, max } = summarize(values);
    const ratio = summarize(values.map((ms, round) => ms / (first[round] ?? ms)));
    console.log(
      `${COUNTS[at]} topics: ${median.toFixed(0)} ms per 10,000 (${min.toFixed(0)} to ` +
        `${max.toFixed(0)}), ${ratio.median.toFixed(2)} of one topic's`,
    );
  }
}

await run();
