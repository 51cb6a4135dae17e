// /topics/<topic>: a topic as a web resource. PUT and POST publish the raw body, GET answers with
// the last value seen.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import type { LastValues } from "../store/last-values.ts";
import type { ObservedMessage } from "../store/observation.ts";
import type { OutgoingMessage, QoS } from "../topics/message.ts";
import { checkTopic } from "../topics/pattern.ts";
import { PUBLISHED, type PublishMessage, toPublishResponse } from "./publish-route.ts";
import { problems, restOfPath } from "./route-schemas.ts";

const PREFIX = "/topics/";
const QUERY = Type.Object({
  qos: Type.Optional(Type.Union([Type.Literal("0"), Type.Literal("1"), Type.Literal("2")])),
  retain: Type.Optional(Type.Union([Type.Literal("true"), Type.Literal("false")])),
});
const TOPIC = restOfPath("topic", "the topic, with its slashes as they are", "rooms/attic");
const PUT = {
  params: TOPIC,
  query: QUERY,
  // The payload is whatever bytes the body has, not what Content-Type makes of them.
  parse: "none" as const,
  detail: {
    operationId: "putTopic",
    summary: "Publish the body as it is",
    description: "The body is the payload, `Content-Type` becomes the content type of MQTT 5.",
    tags: ["messages"],
    requestBody: {
      description: "the payload, of any type",
      content: { "*/*": { schema: {}, example: "21.5" } },
    },
  },
  response: PUBLISHED,
};
const POST = {
  ...PUT,
  detail: { ...PUT.detail, operationId: "postTopic", summary: "The same as PUT" },
};
const GET = {
  params: TOPIC,
  detail: {
    operationId: "getTopic",
    summary: "The last value seen",
    description: "The payload as it came, retained or not; its QoS and properties in headers.",
    tags: ["messages"],
  },
  response: {
    200: Type.Unknown({ description: "the payload", contentMediaType: "*/*" }),
    304: Type.Void({ description: "it is the one of `If-None-Match`" }),
    ...problems("topic_invalid", "value_unknown"),
  },
};
const PRINTABLE = /^[\x20-\x7e]+$/;
/** What curl says of a body when nobody told it: no word about the payload. */
const SAYS_NOTHING = "application/x-www-form-urlencoded";

/** PUT, POST and GET /topics/<topic>. Answers `topic_invalid`, and 404 `value_unknown` to GET. */
export function topicsRoute(publish: PublishMessage, values: LastValues) {
  const put = async (request: Request, query: typeof QUERY.static) => {
    const message = await readMessage(request, query);
    return toPublishResponse(await publish(message));
  };
  return new Elysia()
    .put("/topics/*", ({ request, query }) => put(request, query), PUT)
    .post("/topics/*", ({ request, query }) => put(request, query), POST)
    .get(
      "/topics/*",
      ({ request }) => {
        const topic = readTopic(request);
        const value = values.get(topic);
        if (!value) throw new ViadutoError("value_unknown", { topic });
        return toValueResponse(value, request);
      },
      GET,
    );
}

async function readMessage(request: Request, query: typeof QUERY.static): Promise<OutgoingMessage> {
  const topic = readTopic(request);
  const type = request.headers.get("Content-Type");
  const contentType = type === SAYS_NOTHING ? null : type;
  return {
    topic,
    payload: Buffer.from(await request.arrayBuffer()),
    qos: Number(query.qos ?? 1) as QoS,
    retain: query.retain === "true",
    ...(contentType && { properties: { contentType } }),
  };
}

// Bun has resolved dot segments, also those written %2e%2e, before anyone sees the URL: they are
// the same resource (RFC 3986 section 6.2.2.3). A topic with such a level goes by POST /publish.
function readTopic(request: Request): string {
  const path = new URL(request.url).pathname.slice(PREFIX.length);
  try {
    const topic = decodeURIComponent(path);
    checkTopic(topic);
    return topic;
  } catch (cause) {
    if (cause instanceof ViadutoError) throw cause;
    const reason = "its percent-encoding is broken";
    throw new ViadutoError("topic_invalid", { topic: path, reason }, { cause });
  }
}

function toValueResponse(value: ObservedMessage, request: Request): Response {
  const { payload, properties } = value;
  const tag = `"${Bun.hash(payload).toString(36)}-${value.receivedAtMs.toString(36)}"`;
  const headers = new Headers({
    "Content-Type": readContentType(value) ?? guessContentType(payload),
    "Last-Modified": new Date(value.receivedAtMs).toUTCString(),
    ETag: tag,
    "Cache-Control": "no-cache",
    "MQTT-QoS": String(value.qos),
    "MQTT-Retain": String(value.retain),
    // A payload is a stranger's text: no browser may run it as ours.
    "Content-Security-Policy": "default-src 'none'; sandbox",
  });
  if (properties?.userProperties) {
    // Header values are ASCII; JSON escapes make anything so.
    const json = JSON.stringify(properties.userProperties);
    headers.set("MQTT-User-Properties", escapeNonAscii(json));
  }
  if (request.headers.get("If-None-Match") === tag)
    return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(payload), { headers });
}

// A device may call its payload anything; a header value is printable ASCII.
function readContentType({ properties }: OutgoingMessage): string | undefined {
  const type = properties?.contentType;
  return type !== undefined && PRINTABLE.test(type) ? type : undefined;
}

function guessContentType(payload: Buffer): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
    JSON.parse(text);
    return "application/json";
  } catch (error) {
    // A SyntaxError comes from JSON.parse: the bytes were text.
    return error instanceof SyntaxError ? "text/plain; charset=utf-8" : "application/octet-stream";
  }
}

function escapeNonAscii(json: string): string {
  return json.replaceAll(/[\u007f-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
