// /topics/<topic>: a topic as a web resource. PUT and POST publish the raw body, GET answers with
// the last value seen.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import type { LastValues } from "../store/last-values.ts";
import type { ObservedMessage } from "../store/observation.ts";
import type { OutgoingMessage, QoS } from "../topics/message.ts";
import { checkTopic } from "../topics/pattern.ts";
import { type PublishMessage, toPublishResponse } from "./publish-route.ts";
import { type EventParts, openTopicStream, wantsEvents } from "./streams-route.ts";

const PREFIX = "/topics/";
const QUERY = Type.Object({
  qos: Type.Optional(Type.Union([Type.Literal("0"), Type.Literal("1"), Type.Literal("2")])),
  retain: Type.Optional(Type.Union([Type.Literal("true"), Type.Literal("false")])),
});
const PRINTABLE = /^[\x20-\x7e]+$/;
/** What curl says of a body when nobody told it: no word about the payload. */
const SAYS_NOTHING = "application/x-www-form-urlencoded";

/** PUT, POST and GET /topics/<topic>. Answers `topic_invalid`, and 404 `value_unknown` to GET. */
export function topicsRoute(publish: PublishMessage, values: LastValues, events: EventParts) {
  const put = async (request: Request, query: typeof QUERY.static) => {
    const message = await readMessage(request, query);
    return toPublishResponse(await publish(message));
  };
  // "none": the payload is whatever bytes the body has, not what Content-Type makes of them.
  const options = { query: QUERY, parse: "none" } as const;
  return new Elysia()
    .put("/topics/*", ({ request, query }) => put(request, query), options)
    .post("/topics/*", ({ request, query }) => put(request, query), options)
    .get("/topics/*", ({ request }) => {
      if (wantsEvents(request)) return openTopicStream(request, events);
      const topic = readTopic(request);
      const value = values.get(topic);
      if (!value) throw new ViadutoError("value_unknown", { topic });
      return toValueResponse(value, request);
    });
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
