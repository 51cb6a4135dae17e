// The language, first half: a topic is a typed value, and anyone publishes to it. The second half,
// the handler that listens on it, is in handler.ts.

import { Type } from "@sinclair/typebox";
import { type Codec, type Content, createCodec } from "./codec.ts";
import type { MessageProperties, PublishResult, QoS } from "./message.ts";
import { type ParamNames, type ParamsOf, type Pattern, parsePattern } from "./pattern.ts";
import { DEFAULT_SCHEMAS, type Schema, type Shape, type ShapeOf } from "./payload-schema.ts";

/** TypeBox's builder: `t.Object({ device_id: t.String() })`. */
export const t = Type;

/**
 * A topic with the types of its payload and of the reply to it. `P` is the pattern's text.
 */
export type Topic<
  P extends string = string,
  Payload extends Shape = Shape,
  Reply extends Shape = Shape,
> = {
  readonly kind: "topic";
  readonly pattern: Pattern;
  readonly schema: Schema;
  readonly content: Content;
  readonly codec: Codec;
  readonly reply: ReplyFacts;
  /** Only for the compiler; never set. */
  readonly types?: { readonly pattern: P; readonly payload: Payload; readonly reply: Reply };
};

/** How a message on a topic is answered. */
export type ReplyFacts = {
  readonly schema: Schema;
  readonly codec: Codec;
  /** Where the reply goes when the request does not say so itself, as over MQTT 3.1.1. */
  readonly topic: Topic | undefined;
};

type DefaultPayload = { json: unknown; text: string; bytes: Uint8Array };
type ReplyShape<R> =
  R extends Topic<string, infer Payload> ? Payload : R extends Schema ? ShapeOf<R> : Shape;

/**
 * A typed topic.
 *
 * `pattern` is an MQTT topic in which `{name}` stands for one level and `{name...}`, at the end,
 * for the rest; `+` and `#` work too. `payload` is a TypeBox schema, or a validator that follows
 * the Standard Schema; without one, anything fits that is of the `content` ("json" by default,
 * "text" or "bytes"). `reply` says what a message is answered with: a schema, or the topic to which
 * replies go when the asker names none. Throws `pattern_invalid`.
 */
export function topic<const P extends string, S extends Schema, R extends Schema | Topic = Schema>(
  pattern: P,
  options: { readonly payload: S; readonly content?: Content; readonly reply?: R },
): Topic<P, ShapeOf<S>, ReplyShape<R>>;
export function topic<
  const P extends string,
  C extends Content = "json",
  R extends Schema | Topic = Schema,
>(
  pattern: P,
  options?: { readonly content?: C; readonly reply?: R },
): Topic<P, Shape<DefaultPayload[C]>, ReplyShape<R>>;
export function topic(
  pattern: string,
  options: {
    readonly payload?: Schema;
    readonly content?: Content;
    readonly reply?: Schema | Topic;
  } = {},
): Topic {
  const content = options.content ?? "json";
  const schema = options.payload ?? DEFAULT_SCHEMAS[content];
  return {
    kind: "topic",
    pattern: parsePattern(pattern),
    schema,
    content,
    codec: createCodec(pattern, schema, content),
    reply: toReplyFacts(pattern, content, options.reply),
  };
}

/** How a message is published; QoS 1 and retain off when absent. */
export type PublishOptions = {
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly properties?: MessageProperties;
  /** Sent as the MQTT 5 user property `token`, in place of the bridge's own. */
  readonly token?: string;
  /**
   * How long to wait for the acknowledgement, milliseconds, 2,147,483,647 at most. When absent, a
   * handler waits until the broker is back or its own time is over, a library's app for the
   * bridge's `--publish-timeout`.
   */
  readonly timeout?: number;
};

/** How a request is sent: QoS 1, and the bridge's own timeout, when absent. */
export type RequestOptions = Omit<PublishOptions, "retain" | "timeout"> & {
  /** How long to wait for the reply, milliseconds. */
  readonly timeout?: number;
};

/** The parameters stand before the value when the topic has any. */
export type Addressed<P extends string, Value, Options> = [ParamNames<P>] extends [never]
  ? [value: Value, options?: Options]
  : [params: ParamsOf<P>, value: Value, options?: Options];

/**
 * Publishes a value to a typed topic. Resolves when the broker has acknowledged it. Throws
 * `payload_invalid`, `param_invalid`, `topic_invalid`, `publish_refused`, `payload_too_large`,
 * `link_closed`, and with a timeout `publish_timeout`, and `outbox_full` at once when too many wait
 * for the broker already.
 */
export type Publish = <P extends string, Payload extends Shape>(
  topic: Topic<P, Payload>,
  ...rest: Addressed<P, NoInfer<Payload>["write"], PublishOptions>
) => Promise<PublishResult>;

/**
 * Publishes a value and waits for the reply, which is checked and typed by the topic's `reply`.
 * Over MQTT 5 the reply comes by response topic and correlation data (section 4.10); over 3.1.1
 * the topic must name the one to which replies go. A handler that asks another handler of the same
 * bridge keeps its own message unacknowledged meanwhile: the broker's window, and
 * `--inbox-messages-max`, must have room for both. Throws what `Publish` throws, and
 * `request_timeout`, `request_unsupported`, `requests_full`, `reply_invalid`.
 */
export type Request = <P extends string, Payload extends Shape, Reply extends Shape>(
  topic: Topic<P, Payload, Reply>,
  ...rest: Addressed<P, NoInfer<Payload>["write"], RequestOptions>
) => Promise<Reply["read"]>;

function toReplyFacts(
  pattern: string,
  content: Content,
  reply: Schema | Topic | undefined,
): ReplyFacts {
  if (reply && isTopic(reply)) return { schema: reply.schema, codec: reply.codec, topic: reply };
  const schema = reply ?? DEFAULT_SCHEMAS[content];
  return {
    schema,
    codec: createCodec(`the reply to ${pattern}`, schema, content),
    topic: undefined,
  };
}

function isTopic(value: Schema | Topic): value is Topic {
  return (value as Partial<Topic>).kind === "topic";
}
