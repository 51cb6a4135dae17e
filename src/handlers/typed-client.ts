// Typed publish and request over the link's messages. Handlers, the library and the test kit speak
// to the broker through these two.

import { ViadutoError } from "../lib/errors.ts";
import type { LinkPublishOptions } from "../link/link-options.ts";
import type { LinkRequestOptions } from "../link/requests.ts";
import type { Message, OutgoingMessage, PublishResult } from "../topics/message.ts";
import { toOutgoing, toReplyTopic } from "../topics/outgoing.ts";
import type { Publish, Request, Topic } from "../topics/topic.ts";

type Send = (message: OutgoingMessage, options: LinkPublishOptions) => Promise<PublishResult>;
type SendRequest = (message: OutgoingMessage, options: LinkRequestOptions) => Promise<Message>;

/**
 * `Publish` over a function that sends messages. `timeoutMs` holds where a publish names none; when
 * that is absent too, it waits as long as the broker is away.
 */
export function createPublish(send: Send, timeoutMs?: number): Publish {
  const publish = async (topic: Topic, ...rest: readonly unknown[]): Promise<PublishResult> => {
    const { message, options } = toOutgoing(topic, rest);
    const { token, timeout = timeoutMs } = options;
    return send(message, { token, timeoutMs: timeout, pattern: topic.pattern.text });
  };
  return publish as Publish;
}

/** `Request` over a function that asks. `timeoutMs` holds where a request names none. */
export function createRequest(ask: SendRequest, timeoutMs: number): Request {
  const request = async (topic: Topic, ...rest: readonly unknown[]): Promise<unknown> => {
    const { message, params, options } = toOutgoing(topic, rest);
    const replyTopic = toReplyTopic(topic, params);
    const reply = await ask(message, {
      token: options.token,
      timeoutMs: options.timeout ?? timeoutMs,
      pattern: topic.pattern.text,
      ...(replyTopic !== undefined && { replyTopic }),
    });
    return decodeReply(topic, reply);
  };
  return request as Request;
}

function decodeReply(topic: Topic, { payload, topic: from }: Message): unknown {
  try {
    return topic.reply.codec.decode(payload);
  } catch (cause) {
    if (!(cause instanceof ViadutoError)) throw cause;
    const reason = String(cause.facts.reason ?? cause.message);
    throw new ViadutoError("reply_invalid", { topic: from, reason }, { cause });
  }
}
