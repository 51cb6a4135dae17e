// The public test kit, "viaduto/testing": a bridge with its broker in the test's own process, and a
// device that sends to it and sees every message. No port, no file, no mock.

import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openBridge } from "./app/bridge.ts";
import { type Settings, toSettings } from "./config/read.ts";
import type { OptionValues } from "./config/schema.ts";
import type { Dispatcher } from "./handlers/dispatcher.ts";
import { createPublish, createRequest } from "./handlers/typed-client.ts";
import { createLogger, type Logger } from "./lib/log.ts";
import type { DeadLetter, DeadLetters } from "./store/dead-letters.ts";
import { type DeviceLink, openDevice } from "./testing/device-link.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { SeenMessages } from "./testing/seen-messages.ts";
import type { AnyHandler, CommonHooks } from "./topics/handler.ts";
import { toHandlerSet } from "./topics/handler-set.ts";
import type { Message } from "./topics/message.ts";
import {
  matchPattern,
  type Params,
  type ParamsOf,
  type Pattern,
  parsePattern,
} from "./topics/pattern.ts";
import type { Shape } from "./topics/payload-schema.ts";
import { parseRecording } from "./topics/recording.ts";
import type { Publish, Request, Topic } from "./topics/topic.ts";

export type BridgeOptions = {
  /** Handlers, and hooks for all of them. */
  readonly handlers: readonly (AnyHandler | CommonHooks)[];
  /** Options of the command line, under the names of the schema: `{ concurrency: 1 }`. */
  readonly options?: Partial<OptionValues>;
};

/** A message that the device has seen. */
export type Seen<V = unknown, P = Params> = {
  readonly topic: string;
  /** Checked and typed by the topic that was expected; else JSON, or text where it is none. */
  readonly payload: V;
  readonly params: P;
  readonly message: Message;
};

export type TestBridge = AsyncDisposable & {
  /** Publishes as a device would; resolves when the broker has the message. */
  readonly send: Publish;
  /** Asks as a device would. */
  readonly request: Request;
  /**
   * The next message on the topic or filter, each given once; what was sent by `send` does not
   * count. `within` is in milliseconds, 1,000 when absent. Rejects with `expectation_failed`, and
   * with `payload_invalid` when it does not fit the topic.
   */
  expectMessage<P extends string, Payload extends Shape>(
    topic: Topic<P, Payload>,
    options?: { readonly within?: number },
  ): Promise<Seen<Payload["read"], ParamsOf<P>>>;
  expectMessage(filter: string, options?: { readonly within?: number }): Promise<Seen>;
  /** Every message seen so far, oldest first; without those of `send`. */
  readonly messages: readonly Message[];
  /** Resolves when every message is handled, or waits for its retry. */
  settled(): Promise<void>;
  /** Moves the time of retries on, in milliseconds, and waits for what runs by that. */
  advance(ms: number): Promise<void>;
  /** Newest first. */
  readonly deadLetters: readonly DeadLetter[];
  /** Runs the handler again for a dead letter. */
  redrive(id: number): Promise<void>;
  /** Sends what was recorded (NDJSON), in its order; how many there were. */
  replay(file: string): Promise<number>;
  /** The lines of the log. */
  readonly log: readonly string[];
};

/** A handler that hangs must not hold up the end of its test. */
const DEFAULTS = {
  data: ":memory:",
  will: "off",
  clientId: "bridge",
  stopTimeoutMs: 500,
} as const;
const WITHIN_MS = 1_000;
/** Turns of the event loop in which nothing runs, after which nothing will. */
const QUIET_TURNS = 10;

/** A running bridge with these handlers. Throws `option_invalid`. */
export async function startBridge({ handlers, options }: BridgeOptions): Promise<TestBridge> {
  await using stack = new AsyncDisposableStack();
  const settings = toSettings({ ...DEFAULTS, ...options });
  const lines: string[] = [];
  const log = createLineLog(settings, lines);
  const clock = new ManualClock();
  const set = toHandlerSet(handlers);
  const bridge = stack.use(
    await openBridge({ settings, log, clock, isListening: false, handlers: set }),
  );
  const { dispatcher, deadLetters } = bridge;
  const seen = new SeenMessages();
  const device = stack.use(await openDevice(bridge, settings, log, seen));
  const settled = () => waitUntilQuiet(dispatcher);

  const owned = stack.move();
  return {
    send: createPublish(device.send),
    request: createRequest(
      (message, how) => device.link.request(message, how),
      settings.requestTimeoutMs,
    ),
    expectMessage: createExpectMessage(seen, deadLetters),
    messages: seen.all,
    settled,
    async advance(ms) {
      await settled();
      const untilMs = clock.now() + ms;
      while (clock.moveTo(untilMs)) await settled();
    },
    get deadLetters() {
      return deadLetters.list();
    },
    redrive: (id) => dispatcher.redrive(id),
    replay: (file) => replay(file, device),
    log: lines,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function createExpectMessage(
  seen: SeenMessages,
  deadLetters: DeadLetters,
): TestBridge["expectMessage"] {
  async function expectMessage(
    expected: string | Topic,
    { within = WITHIN_MS }: { readonly within?: number } = {},
  ): Promise<Seen> {
    const { pattern, decode } = toExpected(expected);
    const message = await seen.next(pattern.filter, within, () => describe(deadLetters.list()));
    const params = matchPattern(pattern, message.topic) ?? {};
    return { topic: message.topic, payload: decode(message.payload), params, message };
  }
  // Its two forms are told apart by their argument.
  return expectMessage as TestBridge["expectMessage"];
}

async function replay(file: string, device: DeviceLink): Promise<number> {
  const recorded = parseRecording(await readFile(file, "utf8"), file);
  for (const message of recorded) await device.send(message);
  return recorded.length;
}

function createLineLog({ logLevel: level }: Settings, lines: string[]): Logger {
  const writer = { write: (line: string) => void lines.push(line), flush: async () => {} };
  return createLogger({ name: "MQTTClient", level, format: "text", colour: false, writer });
}

async function waitUntilQuiet(dispatcher: Dispatcher): Promise<void> {
  for (let turns = 0; turns < QUIET_TURNS; turns++) {
    await nextTurn();
    if (dispatcher.isBusy) turns = 0;
  }
}

type Expected = { readonly pattern: Pattern; readonly decode: (payload: Buffer) => unknown };

function toExpected(expected: string | Topic): Expected {
  if (typeof expected !== "string") return { ...expected, decode: expected.codec.decode };
  return { pattern: parsePattern(expected), decode: parseLoosely };
}

function parseLoosely(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return payload.toString();
  }
}

function describe(letters: readonly DeadLetter[]): string {
  const [letter] = letters;
  if (!letter) return "";
  const { topic } = letter.message;
  return `; dead letters: ${letters.length}, the last on '${topic}': ${letter.reason}`;
}
