// The history: every message that passes the bridge, recorded off its path. What is seen is copied
// into a buffer; full, or a little old, it goes to a thread that owns the file. Opened by
// observing.ts. It never makes a message wait: what the disk is too slow for is skipped, counted
// and told.

import { existsSync } from "node:fs";
import { parseFilter } from "../topics/pattern.ts";
import { IN_MEMORY } from "./database-file.ts";
import { toHistoryPath } from "./history-file.ts";
import {
  createHistoryRecording,
  type HistoryFigures,
  type HistoryRecordingOptions,
} from "./history-recording.ts";
import type { HistoryQuery } from "./history-search.ts";
import type { HistoryThread } from "./history-thread.ts";
import type { ObservedMessage } from "./observation.ts";
import { type RecordedMessage, toRecorded } from "./recorded-message.ts";

export type { HistoryFigures } from "./history-recording.ts";
export type { HistoryQuery } from "./history-search.ts";
export type { RecordedMessage } from "./recorded-message.ts";

export type HistoryPage = {
  readonly messages: readonly RecordedMessage[];
  /** False when there may be more: from the last one on. */
  readonly isLast: boolean;
};

/**
 * What was seen before a question is asked is found. Questions reject with `history_unavailable`,
 * `history_busy` and `pattern_invalid`.
 */
export type History = AsyncDisposable & {
  readonly record: (message: ObservedMessage) => void;
  /** All that match, up to the limit, which the caller keeps small. */
  readonly find: (query: HistoryQuery) => Promise<readonly RecordedMessage[]>;
  /** The same, but about 2 MiB at a time at most. */
  readonly findPage: (query: HistoryQuery) => Promise<HistoryPage>;
  /** Shows the newest message of each topic, and how many messages the topic has. */
  readonly eachNewest: (
    topicsMax: number,
    show: (message: RecordedMessage, messages: number) => void,
  ) => Promise<void>;
  /** Whether an earlier run has left something. */
  readonly hasPast: boolean;
  readonly figures: HistoryFigures;
};

/** Messages that are asked for in one go when the newest are read. */
const NEWEST_PAGE = 500;

/** A history whose thread starts with the first message or question. */
export function openHistory(options: HistoryRecordingOptions): History {
  const { folder } = options;
  const recording = createHistoryRecording(options);
  // Not async by itself: what was seen so far is sent before anything else is seen.
  const ask = async (question: Parameters<HistoryThread["find"]>[0]) => {
    return recording.flush().find(question);
  };
  async function findPage(query: HistoryQuery): Promise<HistoryPage> {
    parseFilter(query.filter);
    const { rows, isLast } = await ask({ kind: "find", query });
    return { messages: rows.map(toRecorded), isLast };
  }
  return {
    record: recording.record,
    findPage,
    find: (query) => findAll(findPage, query),
    async eachNewest(topicsMax, show) {
      const newest = await recording.flush().findNewest(topicsMax);
      const counts = new Map(newest.map(({ id, messages }) => [id, messages]));
      let ids = newest.map(({ id }) => id);
      while (ids.length > 0) {
        const { rows, lookedAt } = await ask({ kind: "read", ids: ids.slice(0, NEWEST_PAGE) });
        for (const row of rows) show(toRecorded(row), counts.get(row.id) ?? 1);
        ids = ids.slice(lookedAt);
      }
    },
    hasPast: folder !== IN_MEMORY && existsSync(toHistoryPath(folder)),
    figures: recording.figures,
    [Symbol.asyncDispose]: recording.close,
  };
}

async function findAll(
  findPage: History["findPage"],
  query: HistoryQuery,
): Promise<readonly RecordedMessage[]> {
  const found: RecordedMessage[] = [];
  for (;;) {
    const { id } = found.at(-1) ?? {};
    const place = query.order === "newest" ? { untilId: id } : { sinceId: id };
    const rest = { ...query, ...(id !== undefined && place), limit: query.limit - found.length };
    const { messages, isLast } = await findPage(rest);
    found.push(...messages);
    if (isLast || messages.length === 0 || found.length >= query.limit) return found;
  }
}
