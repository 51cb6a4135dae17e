// A typed publish as the message that leaves: `publish(topic, params?, value, options?)`. Used by
// everything that offers typed publishing: handlers, the library, the test kit.

import type { OutgoingMessage } from "./message.ts";
import { buildTopic, type Params } from "./pattern.ts";
import type { PublishOptions, RequestOptions, Topic } from "./topic.ts";

export type Outgoing = {
  readonly message: OutgoingMessage;
  readonly params: Params;
  readonly options: PublishOptions & RequestOptions;
};

/**
 * The message for the arguments that stand behind the topic. Throws `payload_invalid`,
 * `param_invalid`, `topic_invalid`.
 */
export function toOutgoing(topic: Topic, rest: readonly unknown[]): Outgoing {
  // `params` stands before the value exactly when the pattern has some, as Publish's type says.
  const { hasParams } = topic.pattern;
  const params = (hasParams ? rest[0] : {}) as Params;
  const value = rest[hasParams ? 1 : 0];
  const options = (rest[hasParams ? 2 : 1] ?? {}) as Outgoing["options"];
  const { qos = 1, retain = false, properties } = options;
  const message: OutgoingMessage = {
    topic: buildTopic(topic.pattern, params),
    payload: topic.codec.encode(value),
    qos,
    retain,
    ...(properties && { properties }),
  };
  return { message, params, options };
}

/** Where the reply to a request goes when its topic says so; undefined when the link chooses. */
export function toReplyTopic({ reply }: Topic, params: Params): string | undefined {
  return reply.topic && buildTopic(reply.topic.pattern, params);
}
