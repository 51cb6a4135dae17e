// A broker that is killed while it takes messages for a session whose client is away: all that it
// acknowledged is there when it runs again. The rounds are those of `bun run bench:broker`, fewer;
// Mosquitto shows that they find what is lost, and nothing where nothing is.

import { expect, test } from "bun:test";
import {
  findQueueFaults,
  type KillRound,
  type KillTarget,
  runKillRounds,
} from "../../scripts/bench/kill-rounds.ts";
import { type BrokerProcess, startMosquitto } from "../kit/brokers.ts";
import { createProject, type RunningProject } from "../kit/project.ts";
import { createRandom, createSeed } from "../kit/random.ts";
import { describeIf } from "../kit/suites.ts";

const ROUNDS = 3;
const MESSAGES = 1_000;
const seed = Number(process.env.KILL_SEED ?? createSeed());
const { below } = createRandom(seed);
/** After so many, some of each kind are acknowledged. */
const ACKNOWLEDGED_MIN = 100;
const COMMON = {
  messages: MESSAGES,
  random: () => (ACKNOWLEDGED_MIN + below(MESSAGES - ACKNOWLEDGED_MIN)) / MESSAGES,
};
const UNLIMITED = ["max_queued_messages 0", "max_inflight_messages 0"];
const TIMEOUT_MS = 60_000;

function toTarget(broker: BrokerProcess, signal: "SIGTERM" | "SIGKILL"): KillTarget {
  return {
    port: broker.port,
    kill: () => broker.kill(signal),
    restart: () => broker.restart(),
  };
}

function expectNoFault({ faults, acknowledged, delivered }: KillRound): void {
  expect(faults).toEqual([]);
  expect(acknowledged).toBeGreaterThan(0);
  expect(delivered).toBeGreaterThan(0);
}

test("a message that is lost is found, and one that comes too early", () => {
  const messages = [0, 1, 2, 3].map((at) => ({ topic: "kill/queue", payload: `${at}` }));
  const outcome = { acknowledged: new Set([0, 1, 2]) };
  expect(findQueueFaults([0, 1, 2], messages, outcome)).toEqual([]);
  expect(findQueueFaults([0, 1, 2, 3], messages, outcome)).toEqual([]);
  expect(findQueueFaults([0, 1, 2, 2], messages, outcome)).toEqual([]);
  expect(findQueueFaults([0, 2, 3], messages, outcome)).toEqual([
    "1 of 3 acknowledged messages are lost",
  ]);
  expect(findQueueFaults([0, 2, 1], messages, outcome)).toEqual(["1 times out of order"]);
});

describeIf("mosquitto", `kill rounds against Mosquitto (seed ${seed})`, () => {
  test(
    "find no fault where all is saved before the end",
    async () => {
      await using broker = await startMosquitto({ persistence: true, extra: UNLIMITED });
      const target = toTarget(broker, "SIGTERM");
      await runKillRounds({ ...COMMON, target, rounds: ROUNDS, onRound: expectNoFault });
    },
    TIMEOUT_MS,
  );

  test(
    "find what is lost where nothing is saved",
    async () => {
      await using broker = await startMosquitto({ extra: UNLIMITED });
      const target = toTarget(broker, "SIGKILL");
      const options = { ...COMMON, random: () => 0.5, quietMs: 500 };
      const [round] = await runKillRounds({ ...options, target, rounds: 1 });
      expect(round?.faults).toContain("the session is gone");
      expect(round?.faults).toContain("its second subscription is gone");
      expect(round?.faults).toContainEqual(
        expect.stringMatching(/acknowledged messages are lost$/),
      );
      expect(round?.faults).toContainEqual(expect.stringMatching(/retained values are wrong$/));
    },
    TIMEOUT_MS,
  );
});

/** The compiled binary, each time a new process on the folder `data` of the same project. */
function startKillable(flags: readonly string[]) {
  const project = createProject();
  const processes: RunningProject[] = [];
  const start = async () => void processes.push(await project.start(flags));
  const current = () => processes.at(-1);
  const target: KillTarget = {
    get port() {
      return current()?.mqttPort ?? 0;
    },
    kill: async () => current()?.process.kill("SIGKILL"),
    restart: start,
  };
  return {
    target,
    start,
    async [Symbol.asyncDispose]() {
      await current()?.[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}

test(
  `the embedded broker keeps all that it acknowledged (seed ${seed})`,
  async () => {
    await using broker = startKillable(["--data", "data"]);
    await broker.start();
    const { target } = broker;
    await runKillRounds({ ...COMMON, target, rounds: ROUNDS, onRound: expectNoFault });
  },
  TIMEOUT_MS,
);
