// Recorded messages as NDJSON or CSV, page by page: the next is read when this one has left, so
// that a large export takes no more memory than a small one.

import type { History, HistoryQuery, RecordedMessage } from "../store/history.ts";
import { toCsvLine } from "./csv.ts";
import { type HistoryRequest, toRest } from "./history-query.ts";
import { toMessageJson } from "./message-json.ts";
import { STREAMED } from "./streamed.ts";

export type ExportParts = {
  readonly history: History;
  readonly isReadable: (topic: string) => boolean;
};
type ExportFormat = Exclude<HistoryRequest["format"], "json">;

const FORMATS = {
  ndjson: {
    type: "application/x-ndjson",
    head: "",
    toLine: (message) => `${JSON.stringify(toMessageJson(message))}\n`,
  },
  csv: { type: "text/csv; charset=utf-8", head: toCsvHead(), toLine: toCsv },
} as const satisfies Record<
  ExportFormat,
  { type: string; head: string; toLine: (message: RecordedMessage) => string }
>;
const PAGE_MESSAGES = 2_000;

/** Rejects when the first page cannot be read; later the answer breaks off. */
export async function exportHistory(
  parts: ExportParts,
  query: HistoryQuery,
  format: ExportFormat,
  method: string,
): Promise<Response> {
  const { type, head, toLine } = FORMATS[format];
  const headers = {
    "Content-Type": type,
    "Content-Disposition": `attachment; filename="history.${format}"`,
    "Cache-Control": "no-store",
    ...STREAMED,
  };
  // Elysia answers HEAD with what GET does, and reads its body to the end.
  if (method === "HEAD") return new Response(null, { headers });
  const pages = readPages(parts, query);
  const first = await pages.next();
  const encoder = new TextEncoder();
  let text = head + toText(first.value ?? [], toLine);
  let isLast = first.done === true;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        while (text === "" && !isLast) {
          const { done, value } = await pages.next();
          isLast = done === true;
          text = toText(value ?? [], toLine);
        }
        if (text !== "") controller.enqueue(encoder.encode(text));
        text = "";
        if (isLast) controller.close();
      },
      cancel: () => void pages.return(undefined),
    },
    { highWaterMark: 1 },
  );
  return new Response(stream, { headers });
}

async function* readPages({ history, isReadable }: ExportParts, query: HistoryQuery) {
  let rest: HistoryQuery | undefined = query;
  let left = query.limit;
  while (rest) {
    const limit: number = Math.min(PAGE_MESSAGES, left);
    const { messages, isLast } = await history.findPage({ ...rest, limit });
    const readable = messages.filter(({ topic }) => isReadable(topic));
    left -= readable.length;
    const lastId: number | undefined = messages.at(-1)?.id;
    rest = isLast || left <= 0 || lastId === undefined ? undefined : toRest(query, lastId, left);
    yield readable;
  }
}

function toText(
  messages: readonly RecordedMessage[],
  toLine: (message: RecordedMessage) => string,
): string {
  return messages.map(toLine).join("");
}

function toCsvHead(): string {
  const more = ["payload", "payload_encoding", "payload_bytes", "payload_cut", "properties"];
  return toCsvLine(["id", "at", "topic", "qos", "retain", ...more]);
}

function toCsv(message: RecordedMessage): string {
  const { id, at, topic, qos, retain, properties, ...json } = toMessageJson(message);
  return toCsvLine([
    id,
    at,
    topic,
    qos,
    retain,
    json.payload,
    json.payload_encoding,
    json.payload_bytes,
    json.payload_cut ?? false,
    properties ? JSON.stringify(properties) : "",
  ]);
}
