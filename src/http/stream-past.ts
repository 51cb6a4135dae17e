// What a stream sends before what comes: the last values, if they are asked for, and what the
// history has since the last event that the client had. Called by streams-route.ts. It reads page
// by page, no faster than the client does.

import type { History } from "../store/history.ts";
import type { LastValues } from "../store/last-values.ts";
import type { ObservedMessage } from "../store/observation.ts";
import type { RecordedMessage } from "../store/recorded-message.ts";
import { FilterTree } from "../topics/filter-tree.ts";
import { toMessageEvent, toMissedEvent } from "./event-data.ts";

/** The part of the history that a stream needs. */
export type PastHistory = Pick<History, "find">;

export type PastParts = {
  readonly values: LastValues;
  /** Undefined: nothing is recorded. */
  readonly history: PastHistory | undefined;
  /** Most messages that a client is sent anew. */
  readonly resumeMessagesMax: number;
};

export type PastWish = {
  readonly filters: readonly string[];
  /** Of the last message before the stream: what is above it is left to the stream. */
  readonly untilId: number;
  /** Of the last event that the client had. */
  readonly lastId: number | undefined;
  readonly wantsValues: boolean;
};

const PAGE_MESSAGES = 100;

/** Events in parts. */
export async function* readPast(
  parts: PastParts,
  wish: PastWish,
): AsyncGenerator<Uint8Array, void> {
  const { lastId, untilId } = wish;
  const hasGap = lastId !== undefined && !(await isRemembered(parts.history, wish.filters, lastId));
  if (hasGap) yield toMissedEvent({ coalesced: 0, dropped: 0, gap: true });
  // Who goes on without a gap has seen them.
  if (wish.wantsValues && (lastId === undefined || hasGap)) {
    for (const page of readValues(parts.values, wish.filters, untilId)) {
      yield Buffer.concat(page.map((value) => toMessageEvent(value, true)));
    }
  }
  if (lastId === undefined || !parts.history) return;
  yield* replay(parts.history, wish, lastId, parts.resumeMessagesMax);
}

// Whether the history reaches back to what the client had last. The bounds may count or not.
async function isRemembered(
  history: PastHistory | undefined,
  filters: readonly string[],
  lastId: number,
): Promise<boolean> {
  if (!history) return false;
  for (const filter of filters) {
    const found = await history.find({ filter, untilId: lastId + 1, limit: 2, order: "newest" });
    if (found.some(({ id }) => id <= lastId)) return true;
  }
  return false;
}

/** The last values of topics that the filters match, from before the stream, in parts. */
export function* readValues(
  values: LastValues,
  filters: readonly string[],
  untilId: number,
): Generator<readonly ObservedMessage[]> {
  const tree = new FilterTree<true>();
  for (const filter of filters) tree.set(filter, true);
  const topics = [...values.topics()].filter((topic) => tree.find(topic));
  for (let at = 0; at < topics.length; at += PAGE_MESSAGES) {
    const page = topics.slice(at, at + PAGE_MESSAGES).map((topic) => values.get(topic));
    // One that is newer comes by itself.
    const known = page.filter((value) => value !== undefined && value.id <= untilId);
    if (known.length > 0) yield known as readonly ObservedMessage[];
  }
}

async function* replay(
  history: PastHistory,
  wish: PastWish,
  lastId: number,
  messagesMax: number,
): AsyncGenerator<Uint8Array, void> {
  let sinceId = lastId;
  for (let left = messagesMax; left > 0; ) {
    const page = await findPage(history, wish, sinceId, Math.min(left, PAGE_MESSAGES));
    const newest = page.at(-1);
    if (!newest) return;
    left -= page.length;
    sinceId = newest.id;
    yield Buffer.concat(page.map((message) => toMessageEvent(message)));
  }
  const [next] = await findPage(history, wish, sinceId, 1);
  if (next) yield toMissedEvent({ coalesced: 0, dropped: 0, gap: true });
}

// The next messages of all filters in order, each once.
async function findPage(
  history: PastHistory,
  { filters, untilId }: PastWish,
  sinceId: number,
  limit: number,
): Promise<readonly RecordedMessage[]> {
  const byId = new Map<number, RecordedMessage>();
  for (const filter of filters) {
    // One more: the bounds themselves may be among them.
    const query = { filter, sinceId, untilId: untilId + 1, limit: limit + 1 };
    for (const message of await history.find({ ...query, order: "oldest" })) {
      if (message.id > sinceId && message.id <= untilId) byId.set(message.id, message);
    }
  }
  const inOrder = [...byId.values()].sort((one, other) => one.id - other.id);
  return inOrder.slice(0, limit);
}
