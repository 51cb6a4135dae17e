// The language, second half: a handler listens on a topic, and hooks stand around handlers.

import { ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Message, QoS } from "./message.ts";
import type { ParamsOf } from "./pattern.ts";
import type { Shape } from "./payload-schema.ts";
import type { Publish, Request, Topic } from "./topic.ts";

/** What a handler is given for one message. */
export type Context<P extends string = string, V = unknown> = {
  readonly payload: V;
  readonly params: ParamsOf<P>;
  /** The topic of the message, without the origin. */
  readonly topic: string;
  readonly message: Message;
  /** 1 at the first run for this message, 2 at the first retry. */
  readonly attempt: number;
  readonly publish: Publish;
  readonly request: Request;
  readonly log: Logger;
  /** Aborted when this run takes too long, or the bridge stops and will wait no longer. */
  readonly signal: AbortSignal;
};

/** How often a message is tried again when its handler fails. */
export type Retries = {
  readonly times: number;
  /** Wait before the first retry, milliseconds; 200 when absent. It doubles each time. */
  readonly delay?: number;
  /** Longest wait, milliseconds; 30,000 when absent. */
  readonly maxDelay?: number;
  /** Whether this error is worth a retry; every one is when absent. */
  readonly when?: (error: unknown) => boolean;
};

/** What runs around handlers. What a hook throws counts as thrown by the handler. */
export type Hooks<P extends string = string, V = unknown> = {
  /** Before the handler, at each attempt. */
  readonly before?: (context: Context<P, V>) => unknown;
  /** After the handler; its result is what the handler returned. */
  readonly after?: (context: Context<P, V>, result: unknown) => unknown;
  /** After an attempt that failed. `isLast` when the message goes to the dead letters now. */
  readonly onError?: (context: Context<P, V>, error: unknown, isLast: boolean) => unknown;
};

export type HandlerOptions<P extends string = string, V = unknown> = Hooks<P, V> & {
  /** The QoS to subscribe with; 1 when absent. */
  readonly qos?: QoS;
  /**
   * Messages of one key run one after the other, in order of arrival; keys run side by side. The
   * topic when absent.
   */
  readonly key?: (message: Pick<Context<P, V>, "payload" | "params" | "topic">) => string;
  /** Runs of this handler side by side; the bridge's `--concurrency` when absent. */
  readonly concurrency?: number;
  /** How long one run may take, milliseconds; the bridge's `--handler-timeout` when absent. */
  readonly timeout?: number;
  /** How often a failed message is tried again: none when absent. A number is `{ times }`. */
  readonly retries?: number | Retries;
  /** True: what this bridge has published itself does not come back to this handler. */
  readonly noLocal?: boolean;
  /**
   * Retained messages, which the broker keeps: "send" gives them at each start of the bridge and
   * to a handler that is new, "new" only when the broker does not know the subscription yet,
   * "ignore" never (MQTT 5 section 3.8.3.1). "send" when absent.
   */
  readonly retained?: "send" | "new" | "ignore";
};

/** A handler: what `on` gives, what the bridge runs. */
export type Handler<
  P extends string = string,
  Payload extends Shape = Shape,
  Reply extends Shape = Shape,
> = {
  readonly kind: "handler";
  readonly topic: Topic<P, Payload, Reply>;
  readonly options: HandlerOptions<P, Payload["read"]>;
  readonly run: HandlerFunction<P, Payload["read"], Reply["write"]>;
};

type HandlerFunction<P extends string, V, Answer> = (
  context: Context<P, V>,
) => Answer | undefined | void | Promise<Answer | undefined | void>;

/** Any handler, whatever its types; the registry holds these. */
// biome-ignore lint/suspicious/noExplicitAny: a list of handlers has as many types as handlers.
export type AnyHandler = Handler<any, any, any>;

/** Hooks for all handlers, as `hooks` gives them. */
export type CommonHooks = Hooks & { readonly kind: "hooks" };

/**
 * Runs `run` once for each message on the topic whose payload fits its schema. The message is
 * acknowledged to the broker when the returned promise has settled. What it returns answers a
 * request: it goes to the message's response topic, or to the topic's `reply`; undefined is no
 * answer. Throws `option_invalid`.
 */
export function on<P extends string, Payload extends Shape, Reply extends Shape>(
  topic: Topic<P, Payload, Reply>,
  run: HandlerFunction<P, Payload["read"], Reply["write"]>,
  options: HandlerOptions<P, Payload["read"]> = {},
): Handler<P, Payload, Reply> {
  checkOptions(topic.pattern.text, options);
  return { kind: "handler", topic, run, options };
}

/** Hooks around every handler: exported from any file of the folder, or given to the bridge. */
export function hooks(hooks: Hooks): CommonHooks {
  return { ...hooks, kind: "hooks" };
}

/** True for what `on` gave, in whichever copy of this module. */
export function isHandler(value: unknown): value is AnyHandler {
  if (!isKind(value, "handler")) return false;
  const { topic, run } = value as Partial<AnyHandler>;
  return isKind(topic, "topic") && typeof run === "function";
}

/** True for what `topic` gave, in whichever copy of this module. */
export function isTopic(value: unknown): value is Topic {
  return isKind(value, "topic") && "codec" in (value as object);
}

/** True for what `hooks` gave, in whichever copy of this module. */
export function isCommonHooks(value: unknown): value is CommonHooks {
  return isKind(value, "hooks");
}

/** A handler with the name by which log, /handlers and dead letters know it. */
export type NamedHandler = {
  /** Its file's name without ending, and `#export` unless it is the default one; or its pattern. */
  readonly name: string;
  /** The file it comes from; undefined for one that was given as a value. */
  readonly file?: string;
  readonly handler: AnyHandler;
};

/** A topic that a file exports; it may be one that its handlers publish to. */
export type NamedTopic = {
  readonly name: string;
  readonly file?: string;
  readonly topic: Topic;
};

/** What the bridge runs: handlers, and the hooks around all of them. */
export type HandlerSet = {
  readonly handlers: readonly NamedHandler[];
  readonly hooks: readonly Hooks[];
  /** The topics beside those of the handlers, for the documents alone. */
  readonly topics?: readonly NamedTopic[];
};

/** The retries of a handler, with defaults in place. */
export function toRetries({ retries = 0 }: Pick<HandlerOptions, "retries">): Required<Retries> {
  const given = typeof retries === "number" ? { times: retries } : retries;
  return { delay: 200, maxDelay: 30_000, when: () => true, ...given };
}

const MS_MAX = 2 ** 31 - 1;

type CheckedOptions = Pick<
  HandlerOptions,
  "qos" | "concurrency" | "timeout" | "retries" | "retained"
>;

function checkOptions(pattern: string, options: CheckedOptions): void {
  const { qos = 1, concurrency = 1, timeout = 1, retained = "send" } = options;
  const { times, delay, maxDelay } = toRetries(options);
  const rows = [
    ["qos", qos, [0, 1, 2].includes(qos), "0, 1 or 2"],
    ["concurrency", concurrency, isWhole(concurrency, 1, 100_000), "from 1 to 100000"],
    ["timeout", timeout, isWhole(timeout, 1, MS_MAX), "milliseconds, at least 1"],
    ["retries", times, isWhole(times, 0, 1_000_000), "a number from 0 to 1000000"],
    ["retries.delay", delay, isWhole(delay, 0, MS_MAX), "milliseconds"],
    ["retries.maxDelay", maxDelay, isWhole(maxDelay, 0, MS_MAX), "milliseconds"],
    ["retained", retained, ["send", "new", "ignore"].includes(retained), "send, new or ignore"],
  ] as const;
  for (const [name, given, isAllowed, allowed] of rows) {
    if (isAllowed) continue;
    const facts = { name, given: String(given), source: `on(${pattern})`, allowed };
    throw new ViadutoError("option_invalid", facts);
  }
}

function isWhole(value: number, minimum: number, maximum: number): boolean {
  return Number.isInteger(value) && value >= minimum && value <= maximum;
}

function isKind(value: unknown, kind: string): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
