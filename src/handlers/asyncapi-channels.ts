// The channels, messages and schemas of the AsyncAPI document, collected topic by topic. Used by
// asyncapi-document.ts alone.

import { addOrigin } from "../link/origin.ts";
import type { Content } from "../topics/codec.ts";
import { type JsonSchema, toJsonSchema } from "../topics/json-schema.ts";
import type { Pattern } from "../topics/pattern.ts";
import type { Schema } from "../topics/payload-schema.ts";
import type { Topic } from "../topics/topic.ts";
import { createKeys } from "./asyncapi-keys.ts";

type Pointer = { readonly $ref: string };
/** Where a topic stands in the document. */
export type Reference = { readonly channel: Pointer; readonly message: Pointer };

export type Channels = {
  readonly channels: Readonly<Record<string, unknown>>;
  readonly messages: Readonly<Record<string, unknown>>;
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** The topic's channel and message; the same ones each time. */
  add(topic: Topic): Reference;
  /** Those of the replies to a topic that go wherever the request says. */
  addReply(topic: Topic): Reference;
};

type Channel = {
  readonly address: string | null;
  readonly [other: string]: unknown;
  readonly messages: Record<string, Pointer>;
};

const CONTENT_TYPES = {
  json: "application/json",
  text: "text/plain",
  bytes: "application/octet-stream",
} as const satisfies Record<Content, string>;

export function createChannels(origin: string): Channels {
  const parts: Parts = { channels: {}, messages: {}, schemas: {}, takeMessageKey: createKeys() };
  const takeChannelKey = createKeys();
  const channelKeys = new Map<string, string>();
  const references = new Map<Topic, Reference>();

  function takeChannel({ pattern }: Topic): string {
    const known = channelKeys.get(pattern.text);
    if (known !== undefined) return known;
    const key = takeChannelKey(pattern.text);
    channelKeys.set(pattern.text, key);
    parts.channels[key] = toChannel(pattern, origin);
    return key;
  }

  return {
    ...parts,
    add(topic) {
      const { schema, content, pattern } = topic;
      const known = references.get(topic);
      if (known) return known;
      const title = `a message on ${pattern.text}`;
      const added = addMessage(parts, { channelKey: takeChannel(topic), schema, content, title });
      references.set(topic, added);
      return added;
    },
    addReply({ pattern, content, reply: { schema } }) {
      const channelKey = takeChannelKey(`${pattern.text}-reply`);
      const description = `the replies to ${pattern.text}, where each request says`;
      parts.channels[channelKey] = { address: null, description, messages: {} };
      const title = `the reply to ${pattern.text}`;
      return addMessage(parts, { channelKey, schema, content, title });
    },
  };
}

type Parts = {
  readonly channels: Record<string, Channel>;
  readonly messages: Record<string, unknown>;
  readonly schemas: Record<string, JsonSchema>;
  takeMessageKey(text: string): string;
};
type MessageFacts = {
  readonly channelKey: string;
  readonly schema: Schema;
  readonly content: Content;
  readonly title: string;
};

function addMessage(parts: Parts, { channelKey, schema, content, title }: MessageFacts): Reference {
  const key = parts.takeMessageKey(channelKey);
  const contentType = CONTENT_TYPES[content];
  parts.schemas[key] = toJsonSchema(schema, `#/components/schemas/${key}`);
  parts.messages[key] = {
    name: key,
    title,
    contentType,
    payload: { $ref: `#/components/schemas/${key}` },
    bindings: { mqtt: { contentType, bindingVersion: "0.2.0" } },
  };
  const channel = parts.channels[channelKey];
  if (channel) channel.messages[key] = { $ref: `#/components/messages/${key}` };
  return {
    channel: { $ref: `#/channels/${channelKey}` },
    message: { $ref: `#/channels/${channelKey}/messages/${key}` },
  };
}

function toChannel(pattern: Pattern, origin: string): Channel {
  const parameters: Record<string, { readonly description: string }> = {};
  const levels = pattern.levels.map((level, at) => {
    if (level.kind === "literal") return level.text;
    const name = level.param ?? (level.kind === "rest" ? "rest" : `level${at + 1}`);
    const words = level.kind === "rest" ? "all levels that follow" : "one level";
    parameters[name] = { description: words };
    return `{${name}}`;
  });
  const filter = addOrigin(origin, pattern.filter);
  return {
    address: addOrigin(origin, levels.join("/")),
    title: pattern.text,
    description: `As MQTT has it: \`${filter}\`.`,
    ...(Object.keys(parameters).length > 0 && { parameters }),
    messages: {},
  };
}
