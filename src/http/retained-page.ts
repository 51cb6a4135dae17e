// GET /retained: the retained messages of a filter, as a page of JSON or as NDJSON. The bytes of
// one answer are limited, whatever it is asked for.

import { type Static, Type } from "@sinclair/typebox";
import type { RetainedMessage } from "../topics/retained-message.ts";
import { createReadable } from "./readable-topics.ts";
import {
  RETAINED_JSON,
  type RetainedJson,
  type RetainedJsonParts,
  toRetainedJson,
} from "./retained-json.ts";
import { type ListRequest, readListQuery } from "./retained-query.ts";
import type { Completeness, FoundRetained, RetainedSource } from "./retained-source.ts";
import { STREAMED } from "./streamed.ts";

export const COMPLETENESS = {
  completeness: Type.Unsafe<Completeness>(
    Type.String({
      enum: ["complete", "likely", "cut"],
      description:
        "complete: it is all that there is; likely: all that an external broker sent, and MQTT " +
        "does not say which is the last; cut: a limit was reached, there is more",
    }),
  ),
  reason: Type.Optional(Type.String({ description: "why it may not be complete" })),
};
export const RETAINED_PAGE = Type.Object({
  messages: Type.Array(RETAINED_JSON),
  total: Type.Integer({ description: "of the filter, as far as they may be read" }),
  next: Type.Optional(Type.String({ description: "there are more: ask with ?after=<next>" })),
  ...COMPLETENESS,
});

export type PageParts = Pick<RetainedJsonParts, "values"> & {
  readonly source: RetainedSource;
  /** Payload bytes of one answer. */
  readonly bytesMax: number;
};

type Page = {
  readonly messages: readonly RetainedMessage[];
  readonly total: number;
  /** The last topic of the page, when there are more. */
  readonly next: string | undefined;
};

const LINES_AT_ONCE = 500;

export async function listRetained(
  parts: PageParts,
  request: Request,
): Promise<Static<typeof RETAINED_PAGE>> {
  const query = readListQuery(request);
  const isReadable = createReadable(request, query.filter);
  const found = await parts.source.find(query.filter);
  const page = takePage(found, query, parts.bytesMax, isReadable);
  const toJson = (message: RetainedMessage) => toRetainedJson(message, { ...parts, ...query });
  // Elysia sends a Response as it is; the schema is that of what programs ask for.
  if (query.format === "ndjson") return toLines(page, found, toJson) as never;
  return {
    messages: page.messages.map(toJson),
    total: page.total,
    ...(page.next !== undefined && { next: page.next }),
    ...toCompleteness(found),
  };
}

export function toCompleteness({ completeness, reason }: FoundRetained) {
  return { completeness, ...(reason !== undefined && { reason }) };
}

/** At least one message, if there is any: whoever asks for the next page gets on. */
function takePage(
  { topics, get }: FoundRetained,
  { after, limit, payloadBytesMax }: ListRequest,
  bytesMax: number,
  isReadable: (topic: string) => boolean,
): Page {
  const readable = topics.filter(isReadable);
  const messages: RetainedMessage[] = [];
  let bytes = 0;
  for (const topic of readable) {
    if (after !== undefined && topic <= after) continue;
    const message = get(topic);
    if (!message) continue;
    bytes += Math.min(message.payload.length, payloadBytesMax);
    const isFull = messages.length >= limit || (messages.length > 0 && bytes > bytesMax);
    if (isFull) return { messages, total: readable.length, next: messages.at(-1)?.topic };
    messages.push(message);
  }
  return { messages, total: readable.length, next: undefined };
}

/** What stands beside the list in JSON is in headers. */
function toLines(
  { messages, total, next }: Page,
  { completeness }: FoundRetained,
  toJson: (message: RetainedMessage) => RetainedJson,
): Response {
  const encoder = new TextEncoder();
  let at = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const some = messages.slice(at, at + LINES_AT_ONCE);
        at += LINES_AT_ONCE;
        const text = some.map((message) => `${JSON.stringify(toJson(message))}\n`).join("");
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (at >= messages.length) controller.close();
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(stream, {
    headers: {
      "Content-Type": "application/x-ndjson",
      "Content-Disposition": 'attachment; filename="retained.ndjson"',
      "Cache-Control": "no-store",
      ...STREAMED,
      "Retained-Total": String(total),
      "Retained-Completeness": completeness,
      ...(next !== undefined && { "Retained-Next": encodeURIComponent(next) }),
    },
  });
}
