// The AsyncAPI 3.0 document: the topics of the handlers, what comes in and what goes out, as seen
// from this bridge. Called by http/documents-route.ts and by `viaduto docs asyncapi`.

import { VERSION } from "../lib/version.ts";
import type { HandlerSet, NamedHandler, NamedTopic } from "../topics/handler.ts";
import { DEFAULT_SCHEMAS } from "../topics/payload-schema.ts";
import type { Topic } from "../topics/topic.ts";
import { type Channels, createChannels, type Reference } from "./asyncapi-channels.ts";
import { createKeys } from "./asyncapi-keys.ts";

/** A broker by which the topics can be reached; never with a login in it. */
export type AsyncApiServer = {
  readonly name: string;
  readonly host: string;
  readonly protocol: "mqtt" | "secure-mqtt" | "ws" | "wss";
  readonly pathname?: string;
  readonly description: string;
  /** How one comes in; nothing is asked for when it is empty. */
  readonly security: readonly (keyof typeof SECURITY_SCHEMES)[];
};

/** How the bridge itself is connected. */
export type AsyncApiClient = {
  readonly clientId: string;
  readonly isSessionKept: boolean;
  readonly sessionExpirySeconds: number;
  readonly keepaliveSeconds: number;
  /** Undefined without a will. */
  readonly statusTopic: string | undefined;
};

export type AsyncApiOptions = {
  readonly title: string;
  readonly origin: string;
  readonly servers: readonly AsyncApiServer[];
  readonly client: AsyncApiClient;
};

const SECURITY_SCHEMES = {
  login: { type: "userPassword", description: "a user name and a password of the broker" },
  certificate: { type: "X509", description: "a client certificate, whose name is the user" },
} as const;
const BINDING_VERSION = "0.2.0";

/** The document for these handlers, as a value to be written as JSON or YAML. */
export function buildAsyncApi(
  { handlers, topics = [] }: Pick<HandlerSet, "handlers" | "topics">,
  options: AsyncApiOptions,
) {
  const channels = createChannels(options.origin);
  const takeKey = createKeys();
  const received = handlers.map((one) => toReceiving(one, channels));
  const sent = listSent(handlers, topics).map((one) => toSending(one, channels));
  const operations = [...received, ...sent].map(({ key, operation }) => {
    return [takeKey(key), operation] as const;
  });
  const schemes = new Set(options.servers.flatMap(({ security }) => security));
  return {
    asyncapi: "3.0.0",
    info: {
      title: options.title,
      version: VERSION,
      description: "What the handlers of this bridge receive and send, as seen from the bridge.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: Object.fromEntries(options.servers.map((one) => [one.name, toServer(one, options)])),
    channels: channels.channels,
    operations: Object.fromEntries(operations),
    components: {
      messages: channels.messages,
      schemas: channels.schemas,
      securitySchemes: Object.fromEntries([...schemes].map((one) => [one, SECURITY_SCHEMES[one]])),
    },
  };
}

function toServer(server: AsyncApiServer, { client }: AsyncApiOptions) {
  const { host, protocol, pathname, description, security } = server;
  const { clientId, isSessionKept, keepaliveSeconds, sessionExpirySeconds, statusTopic } = client;
  const will = statusTopic !== undefined && {
    lastWill: { topic: statusTopic, qos: 1, message: "offline", retain: true },
  };
  return {
    host,
    protocol,
    protocolVersion: "5.0",
    ...(pathname !== undefined && { pathname }),
    description,
    security: security.map((one) => ({ $ref: `#/components/securitySchemes/${one}` })),
    bindings: {
      mqtt: {
        clientId,
        cleanSession: !isSessionKept,
        ...will,
        keepAlive: keepaliveSeconds,
        sessionExpiryInterval: sessionExpirySeconds,
        bindingVersion: BINDING_VERSION,
      },
    },
  };
}

function toReceiving({ name, file, handler }: NamedHandler, channels: Channels) {
  const topic: Topic = handler.topic;
  const place = channels.add(topic);
  const { qos = 1, noLocal = false, retained = "send" } = handler.options;
  const words = [
    `It runs for each message on \`${topic.pattern.text}\`.`,
    noLocal ? "Not for what this bridge has published itself." : "",
    retained === "send" ? "" : `Retained messages: ${retained}.`,
  ];
  const operation = {
    action: "receive",
    channel: place.channel,
    title: name,
    summary: `What others publish for the handler ${name}`,
    description: words.filter(Boolean).join(" "),
    tags: toTags(file),
    bindings: { mqtt: { qos, bindingVersion: BINDING_VERSION } },
    messages: [place.message],
    ...toReply(topic, channels),
  };
  return { key: `receive-${name}`, operation };
}

// A message says by its response topic where the answer goes (MQTT 5 section 4.10). Where a topic
// is declared as well, it is that of those who cannot say so.
function toReply(topic: Topic, channels: Channels) {
  const { schema, topic: declared } = topic.reply;
  if (declared) {
    const { channel, message } = channels.add(declared);
    return { reply: { channel, messages: [message] } };
  }
  if (schema === DEFAULT_SCHEMAS[topic.content]) return {}; // Nothing is said of an answer.
  const { channel, message } = channels.addReply(topic);
  const address = {
    location: "$message.header#/responseTopic",
    description: "the response topic of the request, with its correlation data",
  };
  return { reply: { address, channel, messages: [message] } };
}

function toSending({ name, file, topic }: NamedTopic, channels: Channels) {
  const { channel, message }: Reference = channels.add(topic);
  const operation = {
    action: "send",
    channel,
    title: name,
    summary: `What handlers publish as ${name}`,
    tags: toTags(file),
    bindings: { mqtt: { qos: 1, bindingVersion: BINDING_VERSION } },
    messages: [message],
  };
  return { key: `send-${name}`, operation };
}

/** What is exported and not handled here is published here; replies stand with their requests. */
function listSent(
  handlers: readonly NamedHandler[],
  topics: readonly NamedTopic[],
): readonly NamedTopic[] {
  const handled = new Set(handlers.map(({ handler }) => handler.topic.pattern.text));
  const replies = new Set(handlers.map(({ handler }) => handler.topic.reply.topic));
  return topics.filter(({ topic }) => !handled.has(topic.pattern.text) && !replies.has(topic));
}

function toTags(file: string | undefined): { readonly name: string }[] {
  return file === undefined ? [] : [{ name: file }];
}
