// GET /topics/<topic>: the last value seen, or with ?wait= the next one. Publishing to it is in
// raw-publish-route.ts.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import type { LastValue, LastValues } from "../store/last-values.ts";
import type { Waiters } from "../store/waiters.ts";
import { callerOf } from "./caller.ts";
import { readDurationMs } from "./duration.ts";
import { OTHER_NAMES, readQuery } from "./query.ts";
import { problems } from "./route-schemas.ts";
import { type EventParts, openTopicStream, wantsEvents } from "./streams-route.ts";
import { readTopicPath, TOPIC_PATH } from "./topic-path.ts";
import { isKnown, toValueResponse } from "./value-headers.ts";

export type ValueParts = EventParts & {
  readonly values: LastValues;
  readonly waiters: Waiters;
  /** Makes messages of the topic pass the bridge, until it is disposed. */
  readonly hold: (filter: string) => Promise<Disposable>;
  /** Aborted when the bridge stops. */
  readonly stopping: AbortSignal;
};

const PREFIX = "/topics/";
const WAIT_MS_MAX = 600_000;
const DETAIL = {
  operationId: "getLastValue",
  summary: "Last value of a topic",
  description:
    "The payload of the last message as it came, with the rest of the message in headers. " +
    "304 when If-None-Match or If-Modified-Since says that it is known. With wait, the answer " +
    "comes when a message passes that is newer than the one of If-None-Match, or the first one.",
  tags: ["messages"],
};
const QUERY = Type.Object(
  {
    wait: Type.Optional(
      Type.String({ description: "how long to wait for a newer message: 30s; 10 minutes at most" }),
    ),
  },
  OTHER_NAMES,
);

const RESPONSE = {
  200: Type.Unknown({ description: "the payload", contentMediaType: "*/*" }),
  304: Type.Void({ description: "it is the one of `If-None-Match`" }),
  ...problems(
    "topic_invalid",
    "query_invalid",
    "value_unknown",
    "filter_invalid",
    "waiters_full",
    "subscribe_refused",
    "link_closed",
  ),
};

/**
 * GET /topics/<topic>. Answers `topic_invalid`, `value_unknown`, `query_invalid`; with ?wait= also
 * `waiters_full`, `filter_invalid`, `subscribe_refused`, and `link_closed` when the bridge stops.
 */
export function valueRoute(parts: ValueParts) {
  return new Elysia().get("/topics/*", ({ request }) => getValue(parts, request), {
    params: TOPIC_PATH,
    query: QUERY,
    detail: DETAIL,
    response: RESPONSE,
  });
}

async function getValue(parts: ValueParts, request: Request): Promise<Response> {
  if (wantsEvents(request)) return openTopicStream(request, parts);
  const topic = readTopicPath(request, PREFIX);
  callerOf(request).check("read", topic);
  const waitMs = readWait(request);
  const value = parts.values.get(topic);
  if (waitMs === undefined || isNews(value, request)) return answer(topic, value, request);
  return answer(topic, await waitForNews(parts, topic, request, waitMs), request);
}

function answer(topic: string, value: LastValue | undefined, request: Request): Response {
  if (!value) throw new ViadutoError("value_unknown", { topic });
  return toValueResponse(value, request);
}

function isNews(value: LastValue | undefined, request: Request): boolean {
  return value !== undefined && !isKnown(value, request);
}

// At an external broker the topic is subscribed to first, which may bring a retained message.
async function waitForNews(
  { values, waiters, hold, stopping }: ValueParts,
  topic: string,
  request: Request,
  waitMs: number,
): Promise<LastValue | undefined> {
  const timeout = AbortSignal.timeout(waitMs);
  const ends = AbortSignal.any([timeout, request.signal, stopping]);
  const held = await hold(topic);
  try {
    for (;;) {
      const value = values.get(topic);
      if (isNews(value, request)) return value;
      const hasCome = await waiters.wait(topic, ends);
      if (stopping.aborted) throw new ViadutoError("link_closed");
      if (!hasCome) return values.get(topic);
    }
  } finally {
    held[Symbol.dispose]();
  }
}

function readWait(request: Request): number | undefined {
  const text = readQuery(request, ["wait"]).text("wait");
  if (text === undefined) return undefined;
  return readDurationMs("wait", text, { maximumMs: WAIT_MS_MAX });
}
