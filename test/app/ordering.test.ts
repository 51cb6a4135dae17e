// What is promised about order: kept within a key, while keys run side by side up to a limit, on
// the embedded broker and on one that delivers a message once for each filter that overlaps.

import { describe, expect, test } from "bun:test";
import { type AnyHandler, on } from "../../src/topics/handler.ts";
import { t, topic } from "../../src/topics/topic.ts";
import { startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { createRandom, createSeed, type Random } from "../kit/random.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";
import { describeIf } from "../kit/suites.ts";
import { createChanges } from "../kit/waiting.ts";

const MESSAGES = 10_000;
const KEYS = 100;
const CONCURRENCY = 64;
/** The load lasts two to three seconds by it: long enough for the pings of a witness. */
const DELAY_MS_MAX = 40;
const TEST_TIMEOUT_MS = 60_000;
const seed = createSeed();
/** Topics of the messages; the key of message `at` is `at % KEYS`, and each key has one topic. */
const TOPICS = ["a/x/b", "a/y/b", "c/x/b", "a/x/c"] as const;
/** Filters that overlap, and the topics that each of them matches. */
const FILTERS = {
  "a/#": ["a/x/b", "a/y/b", "a/x/c"],
  "a/+/b": ["a/x/b", "a/y/b"],
  "+/x/b": ["a/x/b", "c/x/b"],
  "a/x/{rest...}": ["a/x/b", "a/x/c"],
} as const;

type Recorder = {
  readonly pattern: string;
  readonly handler: AnyHandler;
  /** Numbers of the messages handled so far, in the order in which the handler began with them. */
  readonly begun: readonly number[];
  readonly ended: readonly number[];
  /** Most runs at one time. */
  readonly peak: number;
};

/** A handler that takes a random time for each message, and writes down what it did. */
function createRecorder(pattern: string, random: Random, announce: () => void): Recorder {
  const [begun, ended]: number[][] = [[], []];
  const state = { running: 0, peak: 0 };
  const listened = topic(pattern, { payload: t.Object({ at: t.Number() }) });
  const handler = on(
    listened,
    async ({ payload: { at } }) => {
      state.running += 1;
      state.peak = Math.max(state.peak, state.running);
      begun?.push(at);
      await new Promise((resolve) => setTimeout(resolve, random.below(DELAY_MS_MAX)));
      ended?.push(at);
      state.running -= 1;
      announce();
    },
    { concurrency: CONCURRENCY, key: ({ payload }) => String(payload.at % KEYS) },
  );
  return {
    pattern,
    handler,
    begun: begun ?? [],
    ended: ended ?? [],
    get peak() {
      return state.peak;
    },
  };
}

const topicOf = (at: number) => TOPICS[(at % KEYS) % TOPICS.length] ?? TOPICS[0];

/** What a handler on these topics must see of one key, or of all: each message once, in order. */
function listExpected(topics: readonly string[], key: number): number[] {
  const all = Array.from({ length: MESSAGES / KEYS }, (_, turn) => turn * KEYS + key);
  return all.filter((at) => topics.includes(topicOf(at)));
}

function expectEachOnceInOrder({ begun, ended, peak }: Recorder, topics: readonly string[]): void {
  const [beginnings, ends] = [begun, ended].map((list) => Map.groupBy(list, (at) => at % KEYS));
  for (let key = 0; key < KEYS; key++) {
    const expected = listExpected(topics, key);
    expect(beginnings?.get(key) ?? []).toEqual(expected);
    expect(ends?.get(key) ?? []).toEqual(expected);
  }
  expect(peak).toBeLessThanOrEqual(CONCURRENCY);
  // Keys did not wait for each other, or this would show nothing.
  expect(peak).toBeGreaterThan(CONCURRENCY / 2);
}

/** Sends all messages to a bridge with recorders, and looks at what they have written down. */
async function expectOrder(flags: readonly string[], port: number | undefined): Promise<void> {
  const changes = createChanges();
  const recorders = Object.keys(FILTERS).map((pattern, at) => {
    return createRecorder(pattern, createRandom(seed + at), changes.announce);
  });
  const handlers = recorders.map(({ handler }) => handler);
  await using bridge = await startBridge({ flags: ["--log-level", "warn", ...flags], handlers });
  await bridge.app.link.connected();
  const states: string[] = [];
  const watching = (async () => {
    for await (const { kind } of bridge.app.link.states()) states.push(kind);
  })();
  const device = await connectDevice(port ?? bridge.mqttPort);
  // The broker closes this connection when it misses a ping for 1.5 s.
  const witness = await connectDevice(port ?? bridge.mqttPort, undefined, { keepalive: 1 });
  let closes = 0;
  witness.client.on("close", () => (closes += 1));

  const sends = Array.from({ length: MESSAGES }, (_, at) => device.send(topicOf(at), { at }));
  await Promise.all(sends);
  const count = () => recorders.reduce((sum, { ended }) => sum + ended.length, 0);
  const wanted = Object.values(FILTERS).flat().length * (MESSAGES / TOPICS.length);
  await changes.wait(
    () => count() >= wanted || undefined,
    TEST_TIMEOUT_MS,
    () => new Error(`${count()} of ${wanted} runs have ended`),
  );
  expect(closes).toBe(0);
  await Promise.all([device, witness].map((one) => one[Symbol.asyncDispose]()));
  // Stopping waits for what still runs: what comes once too often would be seen.
  await bridge[Symbol.asyncDispose]();
  await watching;
  expect(states.filter((kind) => kind !== "closed")).toEqual(["connected"]);
  for (const [at, topics] of Object.values(FILTERS).entries()) {
    const recorder = recorders[at];
    if (recorder) expectEachOnceInOrder(recorder, topics);
  }
  expect(bridge.lines).toEqual([]);
}

const PROMISE = `${MESSAGES} messages of ${KEYS} keys: each once, in order (seed ${seed})`;

test(`on the embedded broker, ${PROMISE}`, () => expectOrder([], undefined), TEST_TIMEOUT_MS);

describeIf("mosquitto", "on Mosquitto, which delivers once for each filter that matches", () => {
  test(
    PROMISE,
    async () => {
      const extra = ["allow_duplicate_messages true", "max_queued_messages 0", "max_keepalive 10"];
      await using mosquitto = await startMosquitto({ maxInflight: 0, extra });
      const flags = ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`, "--client-id", "bridge"];
      await expectOrder(flags, mosquitto.port);
      expect(mosquitto.log().match(/New client connected from .* as bridge /g)).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );
});

describe("while every slot is taken", () => {
  test("the keepalive goes on, and no more than the window was asked for", async () => {
    const gate = Promise.withResolvers<void>();
    const stuck = on(topic("work"), () => gate.promise, { concurrency: 2 });
    await using broker = await startScriptedBroker();
    const flags = ["--broker", `mqtt://127.0.0.1:${broker.port}`, "--inbox-messages-max", "4"];
    await using _bridge = await startBridge({ flags, handlers: [stuck] });
    const connection = await broker.next();
    const { properties } = await connection.accept({ properties: { serverKeepAlive: 1 } });
    expect(properties?.receiveMaximum).toBe(4);
    const work = { cmd: "publish", topic: "work", qos: 1, dup: false, retain: false } as const;
    for (const messageId of [1, 2, 3, 4]) connection.send({ ...work, messageId, payload: "1" });
    for (let pings = 0; pings < 2; pings++) {
      await connection.next("pingreq");
      connection.send({ cmd: "pingresp" });
    }
    expect(connection.waiting("puback")).toBe(0);
    gate.resolve();
    for (const messageId of [1, 2, 3, 4]) {
      expect((await connection.next("puback")).messageId).toBe(messageId);
    }
  });
});
