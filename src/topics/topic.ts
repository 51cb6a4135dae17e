// The language: a topic is a typed value, a handler listens on it, anyone publishes to it.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import type { Logger } from "../lib/log.ts";
import { type Codec, type Content, createCodec, DEFAULT_SCHEMAS } from "./codec.ts";
import type { Message, MessageProperties, PublishResult, QoS } from "./message.ts";
import { type ParamNames, type ParamsOf, type Pattern, parsePattern } from "./pattern.ts";

/** TypeBox's builder: `t.Object({ device_id: t.String() })`. */
export const t = Type;

/** A topic with the type of its payload. `P` is the pattern's text, `V` the payload's type. */
export type Topic<P extends string = string, V = unknown> = {
  readonly pattern: Pattern;
  readonly schema: TSchema;
  readonly content: Content;
  readonly codec: Codec;
  /** Only for the compiler; never set. */
  readonly types?: { readonly pattern: P; readonly payload: V };
};

type DefaultPayload = { json: unknown; text: string; bytes: Uint8Array };

/**
 * A typed topic.
 *
 * `pattern` is an MQTT topic in which `{name}` stands for one level and `{name...}`, at the end,
 * for the rest; `+` and `#` work too. `payload` is a TypeBox schema; without one, anything fits
 * that is of the `content` ("json" by default, "text" or "bytes"). Throws `pattern_invalid`.
 */
export function topic<const P extends string, S extends TSchema>(
  pattern: P,
  options: { readonly payload: S; readonly content?: Content },
): Topic<P, Static<S>>;
export function topic<const P extends string, C extends Content = "json">(
  pattern: P,
  options?: { readonly content?: C },
): Topic<P, DefaultPayload[C]>;
export function topic(
  pattern: string,
  options: { readonly payload?: TSchema; readonly content?: Content } = {},
): Topic {
  const content = options.content ?? "json";
  const schema = options.payload ?? DEFAULT_SCHEMAS[content];
  return {
    pattern: parsePattern(pattern),
    schema,
    content,
    codec: createCodec(pattern, schema, content),
  };
}

/** How a message is published; QoS 1 and retain off when absent. */
export type PublishOptions = {
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly properties?: MessageProperties;
  /** Sent as the MQTT 5 user property `token`, in place of the bridge's own. */
  readonly token?: string;
};

/**
 * Publishes a value to a typed topic. Resolves when the broker has acknowledged it; the parameters
 * stand before the value when the topic has any. Throws `payload_invalid`, `param_invalid`,
 * `topic_invalid`, `publish_refused`, `payload_too_large`, `link_closed`.
 */
export type Publish = <P extends string, V>(
  topic: Topic<P, V>,
  ...rest: [ParamNames<P>] extends [never]
    ? [value: NoInfer<V>, options?: PublishOptions]
    : [params: ParamsOf<P>, value: NoInfer<V>, options?: PublishOptions]
) => Promise<PublishResult>;

/** What a handler is given for one message. */
export type Context<P extends string = string, V = unknown> = {
  readonly payload: V;
  readonly params: ParamsOf<P>;
  /** The topic of the message, without the origin. */
  readonly topic: string;
  readonly message: Message;
  readonly publish: Publish;
  readonly log: Logger;
  /** Aborted when the bridge stops and will wait no longer. */
  readonly signal: AbortSignal;
};

export type HandlerOptions<P extends string = string, V = unknown> = {
  /** The QoS to subscribe with; 1 when absent. */
  readonly qos?: QoS;
  /**
   * Messages of one key run one after the other, in order of arrival; keys run side by side. The
   * topic when absent.
   */
  readonly key?: (message: Pick<Context<P, V>, "payload" | "params" | "topic">) => string;
};

/** A handler: what `on` gives, what the bridge runs. */
export type Handler<P extends string = string, V = unknown> = {
  readonly topic: Topic<P, V>;
  readonly options: HandlerOptions<P, V>;
  readonly run: (context: Context<P, V>) => unknown;
};

/** Any handler, whatever its types; the registry holds these. */
// biome-ignore lint/suspicious/noExplicitAny: a list of handlers has as many types as handlers.
export type AnyHandler = Handler<any, any>;

/**
 * Runs `run` once for each message on the topic whose payload fits its schema. The message is
 * acknowledged to the broker when the returned promise has settled.
 */
export function on<P extends string, V>(
  topic: Topic<P, V>,
  run: (context: Context<P, V>) => unknown,
  options: HandlerOptions<P, V> = {},
): Handler<P, V> {
  return { topic, run, options };
}
