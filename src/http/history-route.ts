// GET /history: the messages that were recorded, newest first, as a page of JSON or as an export.

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ViadutoError } from "../lib/errors.ts";
import type { History, HistoryQuery, RecordedMessage } from "../store/history.ts";
import { type ExportParts, exportHistory } from "./history-export.ts";
import { HISTORY_QUERY, readHistoryQuery, toRest } from "./history-query.ts";
import { MESSAGE_JSON, toMessageJson } from "./message-json.ts";
import { createReadable } from "./readable-topics.ts";
import { problems } from "./route-schemas.ts";

const PROBLEMS = problems("query_invalid", "history_off", "history_unavailable", "history_busy");
const ANSWER = Type.Object({
  messages: Type.Array(MESSAGE_JSON),
  next: Type.Optional(Type.Number({ description: "there may be more: ask with ?after=<next>" })),
});
const DETAIL = {
  operationId: "getHistory",
  summary: "Recorded messages",
  description:
    "The messages that passed the bridge, newest first. JSON in pages; NDJSON " +
    "(application/x-ndjson) and CSV (text/csv) as a whole, by Accept or format.",
  tags: ["history"],
};

/**
 * GET /history. Answers `query_invalid`, `history_off`, `history_unavailable` and `history_busy`.
 */
export function historyRoute(history: History | undefined) {
  return new Elysia().get("/history", ({ request }) => getHistory(history, request), {
    query: HISTORY_QUERY,
    response: { 200: ANSWER, ...PROBLEMS },
    detail: DETAIL,
  });
}

async function getHistory(
  history: History | undefined,
  request: Request,
): Promise<typeof ANSWER.static> {
  const { query, format } = readHistoryQuery(request, Date.now());
  const isReadable = createReadable(request, query.filter);
  if (!history) throw new ViadutoError("history_off");
  const parts = { history, isReadable };
  if (format === "json") return readPage(parts, query);
  // Elysia sends a Response as it is; the schema is that of what programs ask for.
  return (await exportHistory(parts, query, format, request.method)) as never;
}

// A page is full, or there is nothing more: what the caller may not see leaves no hole in it.
async function readPage(
  { history, isReadable }: ExportParts,
  query: HistoryQuery,
): Promise<typeof ANSWER.static> {
  const messages: RecordedMessage[] = [];
  let rest = query;
  for (;;) {
    const page = await history.findPage(rest);
    messages.push(...page.messages.filter(({ topic }) => isReadable(topic)));
    const lastId = page.messages.at(-1)?.id;
    const left = query.limit - messages.length;
    if (page.isLast || lastId === undefined) return { messages: messages.map(toMessageJson) };
    if (left <= 0) return { messages: messages.map(toMessageJson), next: lastId };
    rest = toRest(query, lastId, left);
  }
}
