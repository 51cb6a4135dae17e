// Pulls messages from the link, runs their handlers, and acknowledges each message when its
// handlers have finished and all that they published is acknowledged: a crash in between means
// redelivery.

import { toReason, ViadutoError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Delivery } from "../link/inbox.ts";
import type { LinkPublishOptions } from "../link/link.ts";
import type { Message, OutgoingMessage, PublishResult } from "../topics/message.ts";
import { buildTopic, type Params } from "../topics/pattern.ts";
import type { Context, Publish, PublishOptions, Topic } from "../topics/topic.ts";
import { Lanes } from "./lanes.ts";
import type { Match, Registry } from "./registry.ts";

export type DispatchOptions = {
  readonly registry: Registry;
  readonly messages: AsyncIterable<Delivery>;
  readonly publish: (
    message: OutgoingMessage,
    options: LinkPublishOptions,
  ) => Promise<PublishResult>;
  /** Called for every message that came in, before its handlers. */
  readonly onMessage: (message: Message) => void;
  /** Handlers that run at once. */
  readonly concurrency: number;
  /** Aborted when running handlers are not waited for any longer. */
  readonly signal: AbortSignal;
  readonly log: Logger;
};

/** Runs until `messages` ends and every handler has finished. */
export async function dispatch(options: DispatchOptions): Promise<void> {
  const { registry, messages, onMessage, concurrency, log } = options;
  const lanes = new Lanes(concurrency);
  for await (const { message, done } of messages) {
    onMessage(message);
    const matches = registry.find(message.topic);
    if (matches.length === 0) log.debug(`no handler for ${message.topic}`);
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
    log.info(`${topic} -> ${toStory(message.payload)}`);
    const key = handler.options.key?.({ payload, params, topic }) ?? topic;
    const lane = `${handler.topic.pattern.text}\0${key}`;
    lanes.add(lane, () => run(match, payload, message, options).finally(finish));
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
  const published: Promise<unknown>[] = [];
  const publish = createPublish(options, published);
  const { log, signal } = options;
  const context: Context = { payload, params, topic, message, publish, log, signal };
  try {
    await handler.run(context);
    // Also those that the handler did not wait for.
    await Promise.all(published);
  } catch (cause) {
    await Promise.allSettled(published);
    const error = new ViadutoError("handler_failed", { topic, reason: toReason(cause) }, { cause });
    log.problem("error", error);
    if (cause instanceof Error && cause.stack) log.debug(cause.stack);
  }
}

function createPublish(options: DispatchOptions, published: Promise<unknown>[]): Publish {
  const { log } = options;
  // `params` stands before the value exactly when the pattern has parameters, as Publish's type
  // says.
  const publish = (topic: Topic, ...rest: readonly unknown[]): Promise<PublishResult> => {
    const hasParams = topic.pattern.levels.some((level) => "param" in level);
    const params = (hasParams ? rest[0] : {}) as Params;
    const [value, given] = (hasParams ? rest.slice(1) : rest) as [unknown, PublishOptions?];
    const sent = send(topic, params, value, given ?? {});
    published.push(sent);
    // Whether the handler awaits it or not, a refused publish is the handler's failure, told once.
    sent.catch(() => {});
    return sent;
  };

  async function send(topic: Topic, params: Params, value: unknown, given: PublishOptions) {
    const { qos = 1, retain = false, properties, token } = given;
    const message: OutgoingMessage = {
      topic: buildTopic(topic.pattern, params),
      payload: topic.codec.encode(value),
      qos,
      retain,
      ...(properties && { properties }),
    };
    const result = await options.publish(message, { token });
    log.info(`${message.topic} <- ${toStory(message.payload)}`);
    return result;
  }
  return publish as Publish;
}

/** A payload as the log tells it. */
function toStory(payload: Buffer): string {
  return payload.toString("utf8", 0, STORY_BYTES_MAX);
}
const STORY_BYTES_MAX = 2_000;
