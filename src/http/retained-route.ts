// /retained: the retained messages of the broker, whichever it is: see them, delete them, put them
// back.

import { Elysia } from "elysia";
import { DELETED, deleteRetained } from "./retained-deleting.ts";
import { listRetained, type PageParts, RETAINED_PAGE } from "./retained-page.ts";
import { DELETE_QUERY, LIST_QUERY, RESTORE_QUERY } from "./retained-query.ts";
import { RESTORED, restoreRetained } from "./retained-restoring.ts";
import { problems } from "./route-schemas.ts";
import type { RouteParts } from "./routes.ts";

export type RetainedLimits = {
  readonly retainedReadBytesMax: number;
  readonly retainedChangesMax: number;
};

const PATH = "/retained";
const READ_PROBLEMS = [
  "query_invalid",
  "retained_unreadable",
  "retained_busy",
  "subscribe_refused",
] as const;

const LIST = {
  query: LIST_QUERY,
  response: { 200: RETAINED_PAGE, ...problems(...READ_PROBLEMS) },
  detail: {
    operationId: "listRetained",
    summary: "Retained messages",
    description:
      "With payload, in the order of their topics. JSON in pages; NDJSON (application/x-ndjson) " +
      "by Accept or format. Of an external broker they are read over a connection of its own, " +
      "which no handler and no watcher notices.",
    tags: ["retained"],
  },
};
const DELETE = {
  query: DELETE_QUERY,
  response: { 200: DELETED, ...problems(...READ_PROBLEMS) },
  detail: {
    operationId: "deleteRetained",
    summary: "Delete retained messages",
    description:
      "Publishes an empty retained message to each topic, with QoS 1. `dry_run` counts first. " +
      "Who subscribes to a topic gets the empty message. Each topic needs the right to publish.",
    tags: ["retained"],
  },
};
const EXAMPLE = '{"topic":"rooms/attic","payload":"21.5","qos":1}';
const RESTORE = {
  query: RESTORE_QUERY,
  // The list is read as text: it is JSON or NDJSON, whatever Content-Type says.
  parse: "none" as const,
  response: {
    200: RESTORED,
    ...problems(...READ_PROBLEMS, "retained_list_invalid", "retained_list_too_large"),
  },
  detail: {
    operationId: "restoreRetained",
    summary: "Put retained messages back",
    description:
      "Takes what GET /retained gave, as JSON or NDJSON. A topic that has a retained message by " +
      "now keeps it, unless `overwrite` is true. Each topic needs the right to publish.",
    tags: ["retained"],
    requestBody: {
      required: true,
      description: "messages as GET /retained gives them",
      content: {
        "application/x-ndjson": { schema: { type: "string" as const }, example: EXAMPLE },
        "application/json": { schema: {}, example: [JSON.parse(EXAMPLE)] },
      },
    },
  },
};

/** GET, DELETE and POST /retained. Answer what their schemas say. */
export function retainedRoute(
  parts: Pick<RouteParts, "retained" | "retainedLimits" | "values" | "publish" | "jsonDepthMax">,
) {
  const { retained: source, retainedLimits, values, publish, jsonDepthMax } = parts;
  const page: PageParts = { source, values, bytesMax: retainedLimits.retainedReadBytesMax };
  const change = { source, publish, changesMax: retainedLimits.retainedChangesMax, jsonDepthMax };
  return new Elysia()
    .get(PATH, ({ request }) => listRetained(page, request), LIST)
    .delete(PATH, ({ request }) => deleteRetained(change, request), DELETE)
    .post(PATH, ({ request }) => restoreRetained(change, request), RESTORE);
}
