// Pulls messages from the link, runs their handlers, and acknowledges each message when its
// handlers have finished and all that they published is acknowledged: a crash in between means
// redelivery.

import { toReason, ViadutoError } from "../lib/errors.ts";
import type { Delivery } from "../link/inbox.ts";
import type { Message, PublishResult } from "../topics/message.ts";
import type { Context } from "../topics/topic.ts";
import { Lanes } from "./lanes.ts";
import { createPublish, type PublishFunctions, toStory } from "./publishing.ts";
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

function accept(
  match: Match,
  message: Message,
  lanes: Lanes,
  finish: () => void,
  options: DispatchOptions,
): void {
  const { handler, params } = match;
  const { topic } = message;
  const { log } = options;
  try {
    const payload = handler.topic.codec.decode(message.payload);
    log.info(() => `${topic} -> ${toStory(message.payload)}`);
    const key = handler.options.key?.({ payload, params, topic }) ?? topic;
    const lane = `${handler.topic.pattern.text}\0${key}`;
    lanes.add(lane, async () => {
      await run(match, payload, message, options);
      finish();
    });
  } catch (error) {
    // No handler sees a payload that does not fit; the message is done, for it will never fit.
    log.problem("warn", error);
    finish();
  }
}

async function run(
  { handler, params }: Match,
  payload: unknown,
  message: Message,
  options: DispatchOptions,
): Promise<void> {
  const { topic } = message;
  const published: Promise<PublishResult>[] = [];
  const publish = createPublish(options, published);
  const { log, signal } = options;
  const context: Context = { payload, params, topic, message, publish, log, signal };
  try {
    await handler.run(context);
    // Also those that the handler did not wait for.
    for (const one of published) await one;
  } catch (cause) {
    await Promise.allSettled(published);
    const error = new ViadutoError("handler_failed", { topic, reason: toReason(cause) }, { cause });
    log.problem("error", error);
    if (cause instanceof Error && cause.stack) log.debug(cause.stack);
  }
}
