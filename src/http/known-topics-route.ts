// GET /topics: the topics that the bridge has seen, with what is known of the last message of each.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { KnownTopic, LastValues } from "../store/last-values.ts";
import { readFilter } from "./filter-query.ts";
import { toIso } from "./message-json.ts";
import { OTHER_NAMES, readQuery } from "./query.ts";
import { createReadable } from "./readable-topics.ts";
import { problems } from "./route-schemas.ts";
import { readTopicPath } from "./topic-path.ts";

const LIMIT = 100;
const LIMIT_MAX = 10_000;

const TOPIC = Type.Object({
  topic: Type.String(),
  at: Type.String({ description: "when its last message passed, ISO 8601" }),
  id: Type.Number({ description: "of its last message" }),
  messages: Type.Number({ description: "since the start, or as many as are recorded" }),
  payload_bytes: Type.Number({ description: "of its last message" }),
  qos: Type.Number(),
  retain: Type.Boolean(),
});
const ANSWER = Type.Object({
  topics: Type.Array(TOPIC),
  total: Type.Number({ description: "topics that are known, whatever the filter" }),
  next: Type.Optional(Type.String({ description: "there are more: ask with ?after=<next>" })),
});
const QUERY = Type.Object(
  {
    filter: Type.Optional(Type.String({ description: "an MQTT filter; # when absent" })),
    limit: Type.Optional(Type.String({ description: `1 to ${LIMIT_MAX}; ${LIMIT} when absent` })),
    after: Type.Optional(Type.String({ description: "only topics behind this one" })),
  },
  OTHER_NAMES,
);
const DETAIL = {
  operationId: "listTopics",
  summary: "Known topics",
  description: "The topics that the bridge has seen, in the order of their names.",
  tags: ["messages"],
};

/** GET /topics. Answers `query_invalid`. */
export function knownTopicsRoute(values: LastValues) {
  return new Elysia().get("/topics", ({ request }) => listTopics(values, request), {
    query: QUERY,
    response: { 200: ANSWER, ...problems("query_invalid") },
    detail: DETAIL,
  });
}

function listTopics(values: LastValues, request: Request): typeof ANSWER.static {
  // Elysia brings /topics/ here as well, which names a topic that is empty.
  if (new URL(request.url).pathname.endsWith("/")) readTopicPath(request, "/topics/");
  const query = readQuery(request, ["filter", "limit", "after"]);
  const filter = readFilter(query.text("filter"));
  const limit = query.integer("limit", 1, LIMIT_MAX) ?? LIMIT;
  const isWanted = createReadable(request, filter);
  const found = values.list({ filter, after: query.text("after"), limit: limit + 1, isWanted });
  const topics = found.slice(0, limit);
  const next = found.length > limit ? topics.at(-1)?.topic : undefined;
  return {
    topics: topics.map(toJson),
    total: values.size,
    ...(next !== undefined && { next }),
  };
}

function toJson(known: KnownTopic): typeof TOPIC.static {
  const { topic, id, receivedAtMs, messages, payloadBytes, qos, retain } = known;
  const at = toIso(receivedAtMs);
  return { topic, at, id, messages, payload_bytes: payloadBytes, qos, retain };
}
