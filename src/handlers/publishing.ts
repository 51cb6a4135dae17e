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

/** Longest payload that the log tells whole, bytes. */
const STORY_BYTES_MAX = 1_500;

/** The publishes of one handler's run. */
export class Publishes {
  readonly #functions: PublishFunctions;
  readonly #sent: Promise<PublishResult>[] = [];

  constructor(functions: PublishFunctions) {
    this.#functions = functions;
  }

  /** What the handler is given. A refused publish is told in the log, awaited or not. */
  readonly publish = ((topic: Topic, ...rest: readonly unknown[]): Promise<PublishResult> => {
    // `params` stands before the value exactly when the pattern has some, as Publish's type says.
    const { hasParams } = topic.pattern;
    const params = (hasParams ? rest[0] : {}) as Params;
    const [value, options] = (hasParams ? rest.slice(1) : rest) as [unknown, PublishOptions?];
    const sent = this.#send(topic, params, value, options ?? {});
    this.#sent.push(sent);
    sent.catch((error) => this.#functions.log.problem("warn", error));
    return sent;
  }) as Publish;

  /**
   * Resolves when all is acknowledged that the handler did not wait for, and rejects when one of
   * those is refused. What it waited for and caught is its own affair.
   */
  async settled(): Promise<void> {
    for (const sent of this.#sent) if (Bun.peek.status(sent) === "pending") await sent;
  }

  async #send(topic: Topic, params: Params, value: unknown, options: PublishOptions) {
    const { qos = 1, retain = false, properties, token } = options;
    const message: OutgoingMessage = {
      topic: buildTopic(topic.pattern, params),
      payload: topic.codec.encode(value),
      qos,
      retain,
      ...(properties && { properties }),
    };
    const result = await this.#functions.publish(message, { token });
    this.#functions.log.info(() => `${message.topic} <- ${toStory(message.payload)}`);
    return result;
  }
}

/** A payload as the log tells it: text, cut when it is long. */
export function toStory(payload: Buffer): string {
  const text = payload.toString("utf8", 0, STORY_BYTES_MAX);
  const left = payload.length - STORY_BYTES_MAX;
  return left > 0 ? `${text}… (${left} more bytes)` : text;
}
