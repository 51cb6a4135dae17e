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
  const channels: Record<string, Channel> = {};
  const messages: Record<string, unknown> = {};
  const schemas: Record<string, JsonSchema> = {};
  const takeChannelKey = createKeys();
  const takeMessageKey = createKeys();
  const channelKeys = new Map<string, string>();
  const references = new Map<Topic, Reference>();

  function addMessage(channelKey: string, schema: Schema, content: Content, title: string) {
    const key = takeMessageKey(channelKey);
    schemas[key] = toJsonSchema(schema, `#/components/schemas/${key}`);
    messages[key] = {
      name: key,
      title,
      contentType: CONTENT_TYPES[content],
      payload: { $ref: `#/components/schemas/${key}` },
      bindings: { mqtt: { contentType: CONTENT_TYPES[content], bindingVersion: "0.2.0" } },
    };
    const channel = channels[channelKey];
    if (channel) channel.messages[key] = { $ref: `#/components/messages/${key}` };
    return {
      channel: { $ref: `#/channels/${channelKey}` },
      message: { $ref: `#/channels/${channelKey}/messages/${key}` },
    };
  }

  function takeChannel({ pattern }: Topic): string {
    const known = channelKeys.get(pattern.text);
    if (known !== undefined) return known;
    const key = takeChannelKey(pattern.text);
    channelKeys.set(pattern.text, key);
    channels[key] = toChannel(pattern, origin);
    return key;
  }

  return {
    channels,
    messages,
    schemas,
    add(topic) {
      const known = references.get(topic);
      if (known) return known;
      const { schema, content, pattern } = topic;
      const added = addMessage(takeChannel(topic), schema, content, `a message on ${pattern.text}`);
      references.set(topic, added);
      return added;
    },
    addReply({ pattern, content, reply }) {
      const key = takeChannelKey(`${pattern.text}-reply`);
      channels[key] = {
        address: null,
        description: `the replies to ${pattern.text}, where each request says`,
        messages: {},
      };
      return addMessage(key, reply.schema, content, `the reply to ${pattern.text}`);
    },
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
