// What a handler publishes: a typed value to a typed topic, as a message for the link.

import type { Logger } from "../lib/log.ts";
import type { LinkPublishOptions } from "../link/link.ts";
import type { OutgoingMessage, PublishResult } from "../topics/message.ts";
import { buildTopic, type Params } from "../topics/pattern.ts";
import type { Publish, PublishOptions, Topic } from "../topics/topic.ts";

export type PublishFunctions = {
  readonly publish: (
    message: OutgoingMessage,
    options: LinkPublishOptions,
  ) => Promise<PublishResult>;
  readonly log: Logger;
};

const STORY_BYTES_MAX = 2_000;

/**
 * The `publish` of one handler's run. Each promise that it gives also goes to `published`, so that
 * the run can wait for what its handler did not.
 */
export function createPublish(
  { publish, log }: PublishFunctions,
  published: Promise<PublishResult>[],
): Publish {
  async function send(topic: Topic, params: Params, value: unknown, options: PublishOptions) {
    const { qos = 1, retain = false, properties, token } = options;
    const message: OutgoingMessage = {
      topic: buildTopic(topic.pattern, params),
      payload: topic.codec.encode(value),
      qos,
      retain,
      ...(properties && { properties }),
    };
    const result = await publish(message, { token });
    log.info(() => `${message.topic} <- ${toStory(message.payload)}`);
    return result;
  }

  // `params` stands before the value exactly when the pattern has some, as Publish's type says.
  function publishTyped(topic: Topic, ...rest: readonly unknown[]): Promise<PublishResult> {
    const { hasParams } = topic.pattern;
    const params = (hasParams ? rest[0] : {}) as Params;
    const [value, options] = (hasParams ? rest.slice(1) : rest) as [unknown, PublishOptions?];
    const sent = send(topic, params, value, options ?? {});
    published.push(sent);
    // Whether the handler awaits it or not, a refused publish is the handler's failure, told once.
    sent.catch(() => {});
    return sent;
  }
  return publishTyped as Publish;
}

/** A payload as the log tells it. */
export function toStory(payload: Buffer): string {
  return payload.toString("utf8", 0, STORY_BYTES_MAX);
}
