// GET /stream?filter=&filter=: messages as they pass, as server-sent events; GET /topics/<filter>
// with `Accept: text/event-stream` is the same for one filter. What is sent, and to whom, is the
// business of streams.ts and event-stream.ts; the WebSocket at /stream is stream-socket.ts.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { parseInteger } from "../config/option-value.ts";
import { EVENT_HEADERS, toEventStream } from "./event-stream.ts";
import { toQueryInvalid } from "./query.ts";
import { problems } from "./route-schemas.ts";
import { type PastParts, readPast } from "./stream-past.ts";
import type { Streams } from "./streams.ts";
import { decodePath } from "./topic-path.ts";

export type EventParts = PastParts & {
  readonly streams: Streams;
};

const HOUR_MS = 3_600_000;
const TOPICS_PREFIX = "/topics/";
const EVENTS = "text/event-stream";

// Names and values are checked by `readWish`, whose words are those of other queries.
const QUERY = Type.Object(
  {
    filter: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: "an MQTT filter, percent-encoded; it may stand several times",
        examples: ["rooms/#"],
      }),
    ),
    coalesce: Type.Optional(
      Type.String({ description: "only the newest of each topic, every so many ms" }),
    ),
    last_event_id: Type.Optional(
      Type.String({ description: "in place of the header Last-Event-ID" }),
    ),
    values: Type.Optional(Type.String({ description: "true: the last known values come first" })),
  },
  { additionalProperties: true },
);

const RESPONSE = {
  200: Type.Unknown({
    description: "a stream that does not end by itself",
    contentMediaType: EVENTS,
  }),
  ...problems(
    "query_invalid",
    "filter_invalid",
    "subscribe_refused",
    "group_unwatchable",
    "stream_filters_full",
    "caller_streams_full",
    "streams_full",
  ),
};

/** GET /stream. Answers `query_invalid`, and what `Streams.open` throws. */
export function streamsRoute(parts: EventParts) {
  return new Elysia().get("/stream", ({ request }) => openStream(request, parts), {
    query: QUERY,
    response: RESPONSE,
    detail: {
      operationId: "streamMessages",
      summary: "Messages as they pass, as server-sent events",
      description:
        "Events: `message`, `missed` (what a slow reader was not sent), `state` (the connection " +
        "to the broker). With `Last-Event-ID` it goes on where the client was.",
      tags: ["streams"],
    },
  });
}

/** Whether this request of a topic wants to see all that comes, and not the last value. */
export function wantsEvents(request: Request): boolean {
  return request.headers.get("Accept")?.includes(EVENTS) === true;
}

/** The stream of the one filter in the path. Throws as the route does. */
export function openTopicStream(request: Request, parts: EventParts): Promise<Response> {
  const filter = decodePath(request, TOPICS_PREFIX);
  return openEvents(request, parts, [filter], ["coalesce", "last_event_id", "values"]);
}

function openStream(request: Request, parts: EventParts): Promise<Response> {
  const filters = new URL(request.url).searchParams.getAll("filter");
  if (filters.length === 0) throw toQueryInvalid("filter", "there is none: what is to be seen?");
  const names = ["filter", "coalesce", "last_event_id", "values"];
  return openEvents(request, parts, [...new Set(filters)], names);
}

async function openEvents(
  request: Request,
  parts: EventParts,
  filters: readonly string[],
  names: readonly string[],
): Promise<Response> {
  const wish = readWish(request, names);
  // Elysia answers HEAD with what GET does, and reads its body to the end.
  if (request.method === "HEAD") return new Response(null, { headers: EVENT_HEADERS });
  const stream = await parts.streams.open(request, filters, wish.coalesceMs);
  return toEventStream(
    request,
    stream,
    readPast(parts, { filters, untilId: stream.reader.sinceId, ...wish }),
  );
}

/** What the query of a stream says beside its filters; names that are not known are refused. */
export function readWish(request: Request, names: readonly string[]) {
  const { searchParams } = new URL(request.url);
  for (const name of searchParams.keys()) {
    if (names.includes(name)) continue;
    throw toQueryInvalid(name, `it is not known here; there is ${names.join(", ")}`);
  }
  const read = (name: string, minimum: number, maximum: number, given: string | null) => {
    if (given === null) return undefined;
    const value = parseInteger(given, minimum, maximum);
    if (value !== undefined) return value;
    throw toQueryInvalid(name, `expected a whole number from ${minimum} to ${maximum}`);
  };
  const values = searchParams.get("values") ?? "false";
  if (values !== "true" && values !== "false") {
    throw toQueryInvalid("values", "expected true or false");
  }
  // A browser that connects again sends the header, and the query with which the page began.
  const lastId = request.headers.get("Last-Event-ID") ?? searchParams.get("last_event_id");
  return {
    coalesceMs: read("coalesce", 1, HOUR_MS, searchParams.get("coalesce")),
    lastId: read("last_event_id", 0, Number.MAX_SAFE_INTEGER, lastId),
    wantsValues: values === "true",
  };
}
