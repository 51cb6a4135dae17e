// Pulls messages from the link, runs their handlers, and acknowledges each message when its
// handlers have finished and all that they published is acknowledged: a crash in between means
// redelivery.

import { toReason, ViadutoError } from "../lib/errors.ts";
import type { Delivery } from "../link/inbox.ts";
import type { Context } from "../topics/handler.ts";
import type { Message } from "../topics/message.ts";
import { Lanes } from "./lanes.ts";
import { Publishes, type PublishFunctions, toStory } from "./publishing.ts";
import type { Match, Registry } from "./registry.ts";

export type DispatchOptions = PublishFunctions & {
  readonly registry: Registry;
  readonly messages: AsyncIterable<Delivery>;
  /** Called for every message that came in, before its handlers. */
  readonly onMessage: (message: Message) => void;
  /** Handlers that run at once. */
  readonly concurrency: number;
  /** Aborted when running handlers are not waited for any longer. */
  readonly signal: AbortSignal;
};

/** Runs until `messages` ends and every handler has finished. */
export async function dispatch(options: DispatchOptions): Promise<void> {
  const { registry, messages, onMessage, concurrency, log } = options;
  const lanes = new Lanes(concurrency);
  for await (const { message, done } of messages) {
    onMessage(message);
    const matches = registry.find(message.topic);
    if (matches.length === 0) log.debug(() => `no handler for ${message.topic}`);
    let left = matches.length;
    const finish = () => {
      left -= 1;
      if (left <= 0) done();
    };
    if (left === 0) done();
    for (const match of matches) accept(match, message, lanes, finish, options);
  }
  await lanes.idle();
}

// Puts the message into the lane of its key. What reaches no handler is done: it never will.
function accept(
  match: Match,
  message: Message,
  lanes: Lanes,
  finish: () => void,
  options: DispatchOptions,
): void {
  const { handler, params, number } = match;
  const { topic } = message;
  const { log, signal } = options;
  let payload: unknown;
  try {
    payload = handler.topic.codec.decode(message.payload);
  } catch (error) {
    log.problem("warn", error);
    return finish();
  }
  log.info(() => `${topic} -> ${toStory(message.payload)}`);
  let key = topic;
  try {
    key = handler.options.key?.({ payload, params, topic }) ?? topic;
  } catch (cause) {
    reportFailure(topic, cause, options);
    return finish();
  }
  lanes.add(`${number} ${key}`, async () => {
    // Nobody waits any longer: what has not begun stays unacknowledged, and comes again.
    if (signal.aborted) return;
    const isDealtWith = await run(match, payload, message, options);
    if (isDealtWith) finish();
  });
}

// Whether the message is dealt with: it is not when its handler was cut short by the stop.
async function run(
  { handler, params }: Match,
  payload: unknown,
  message: Message,
  options: DispatchOptions,
): Promise<boolean> {
  const { topic } = message;
  const publishes = new Publishes(options);
  const { log, signal } = options;
  const context: Context = {
    payload,
    params,
    topic,
    message,
    attempt: 1,
    publish: publishes.publish,
    request: () => Promise.reject(new ViadutoError("link_closed")),
    log,
    signal,
  };
  try {
    await handler.run(context);
    await publishes.settled();
    return true;
  } catch (cause) {
    reportFailure(topic, cause, options);
    return !signal.aborted;
  }
}

function reportFailure(topic: string, cause: unknown, { log }: DispatchOptions): void {
  const error = new ViadutoError(
    "handler_failed",
    { handler: topic, topic, reason: toReason(cause) },
    { cause },
  );
  log.problem("error", error);
  if (cause instanceof Error && cause.stack) log.debug(cause.stack);
}
