// What a stream sends before what comes: the last values, if they are asked for, and what the
// history has since the last event that the client had. Called by streams-route.ts. It reads page
// by page, no faster than the client does.

import type { History } from "../store/history.ts";
import type { LastValues } from "../store/last-values.ts";
import { type ObservedMessage, toFirstId } from "../store/observation.ts";
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
  /** Of the last event that the client had. */
  readonly lastId: number | undefined;
  readonly wantsValues: boolean;
};

const PAGE_MESSAGES = 100;

/**
 * Events in parts; returns the id up to which all has been sent. What passed after the call began
 * is left to the stream, which must be open before.
 */
export async function* readPast(
  parts: PastParts,
  wish: PastWish,
): AsyncGenerator<Uint8Array, number> {
  const openedId = toFirstId(Date.now());
  const { lastId } = wish;
  const hasGap = lastId !== undefined && !(await isRemembered(parts.history, wish.filters, lastId));
  if (hasGap) yield toMissedEvent({ coalesced: 0, dropped: 0, gap: true });
  // Who goes on without a gap has seen them.
  if (wish.wantsValues && (lastId === undefined || hasGap)) {
    for (const page of readValues(parts.values, wish.filters, openedId)) {
      yield Buffer.concat(page.map((value) => toMessageEvent(value, true)));
    }
  }
  if (lastId === undefined || !parts.history) return 0;
  return yield* replay(parts.history, wish.filters, lastId, parts.resumeMessagesMax);
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
  openedId: number,
): Generator<readonly ObservedMessage[]> {
  const tree = new FilterTree<true>();
  for (const filter of filters) tree.set(filter, true);
  const topics = [...values.topics()].filter((topic) => tree.find(topic));
  for (let at = 0; at < topics.length; at += PAGE_MESSAGES) {
    const page = topics.slice(at, at + PAGE_MESSAGES).map((topic) => values.get(topic));
    // One that is newer comes by itself.
    const known = page.filter((value) => value !== undefined && value.id < openedId);
    if (known.length > 0) yield known as readonly ObservedMessage[];
  }
}

async function* replay(
  history: PastHistory,
  filters: readonly string[],
  lastId: number,
  messagesMax: number,
): AsyncGenerator<Uint8Array, number> {
  let sinceId = lastId;
  for (let left = messagesMax; left > 0; ) {
    const page = await findPage(history, filters, sinceId, Math.min(left, PAGE_MESSAGES));
    const newest = page.at(-1);
    if (!newest) return sinceId;
    left -= page.length;
    sinceId = newest.id;
    yield Buffer.concat(page.map((message) => toMessageEvent(message)));
  }
  const [next] = await findPage(history, filters, sinceId, 1);
  if (next) yield toMissedEvent({ coalesced: 0, dropped: 0, gap: true });
  return sinceId;
}

// The next messages of all filters in order, each once.
async function findPage(
  history: PastHistory,
  filters: readonly string[],
  sinceId: number,
  limit: number,
): Promise<readonly RecordedMessage[]> {
  const byId = new Map<number, RecordedMessage>();
  for (const filter of filters) {
    // One more: the bound itself may be among them.
    const found = await history.find({ filter, sinceId, limit: limit + 1, order: "oldest" });
    for (const message of found) if (message.id > sinceId) byId.set(message.id, message);
  }
  const inOrder = [...byId.values()].sort((one, other) => one.id - other.id);
  return inOrder.slice(0, limit);
}
