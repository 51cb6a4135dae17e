// GET /topics/<topic>: the last value seen. PUT and POST are in raw-publish-route.ts.

import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import type { LastValues } from "../store/last-values.ts";
import type { ObservedMessage } from "../store/observation.ts";
import type { OutgoingMessage } from "../topics/message.ts";
import { callerOf } from "./caller.ts";
import { readTopicPath } from "./topic-path.ts";

const PREFIX = "/topics/";
const PRINTABLE = /^[\x20-\x7e]+$/;

/** GET /topics/<topic>. Answers `topic_invalid`, and 404 `value_unknown`. */
export function topicsRoute(values: LastValues) {
  return new Elysia().get("/topics/*", ({ request }) => {
    const topic = readTopicPath(request, PREFIX);
    callerOf(request).check("read", topic);
    const value = values.get(topic);
    if (!value) throw new ViadutoError("value_unknown", { topic });
    return toValueResponse(value, request);
  });
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
