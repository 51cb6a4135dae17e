// PUT and POST /topics/<topic>: a topic as a web resource, which takes the raw body as its message.
// What GET answers is in value-route.ts.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { OutgoingMessage, QoS } from "../topics/message.ts";
import { type PublishMessage, toPublishResponse } from "./publish-route.ts";
import { readTopic } from "./topic-path.ts";

const QUERY = Type.Object({
  qos: Type.Optional(Type.Union([Type.Literal("0"), Type.Literal("1"), Type.Literal("2")])),
  retain: Type.Optional(Type.Union([Type.Literal("true"), Type.Literal("false")])),
});
/** What curl says of a body when nobody told it: no word about the payload. */
const SAYS_NOTHING = "application/x-www-form-urlencoded";

/** PUT and POST /topics/<topic>. Answers `topic_invalid`, and what `publish` rejects with. */
export function topicsRoute(publish: PublishMessage) {
  const put = async (request: Request, query: typeof QUERY.static) => {
    const message = await readMessage(request, query);
    return toPublishResponse(await publish(message));
  };
  // "none": the payload is whatever bytes the body has, not what Content-Type makes of them.
  const options = { query: QUERY, parse: "none" } as const;
  return new Elysia()
    .put("/topics/*", ({ request, query }) => put(request, query), options)
    .post("/topics/*", ({ request, query }) => put(request, query), options);
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
