// What waits for a slow reader: bounded, the newest of each topic first of all, and counted.

import { describe, expect, test } from "bun:test";
import {
  ReaderQueue,
  type TakenMessage,
  type WatchedMessage,
} from "../../src/store/reader-queue.ts";

const EVERYTHING = Number.POSITIVE_INFINITY;

function createMessages(topics: readonly string[], bytes = 10): WatchedMessage[] {
  return topics.map((topic, at) => {
    const head = { topic, qos: 0, retain: false, receivedAtMs: 0 } as const;
    return { message: { ...head, id: at + 1, payload: Buffer.from(topic) }, bytes };
  });
}

const idsOf = (taken: readonly TakenMessage[]) => taken.map(({ watched }) => watched.message.id);

describe("a reader's queue", () => {
  test("gives back what was put, in order, and is empty then", () => {
    const queue = new ReaderQueue({ messagesMax: 10, bytesMax: 1_000 });
    for (const message of createMessages(["a", "a", "b"])) queue.put(message);
    expect(queue).toMatchObject({ size: 3, bytes: 30, hasNews: true });
    expect(idsOf(queue.take(EVERYTHING))).toEqual([1, 2, 3]);
    expect(queue).toMatchObject({ size: 0, bytes: 0, hasNews: false });
    expect(queue.takeMissed()).toBeUndefined();
  });

  test("hands out parts of so many bytes, but one message at least", () => {
    const queue = new ReaderQueue({ messagesMax: 10, bytesMax: 1_000 });
    for (const message of createMessages(["a", "b", "c"], 100)) queue.put(message);
    expect(idsOf(queue.take(250))).toEqual([1, 2]);
    expect(idsOf(queue.take(1))).toEqual([3]);
    expect(queue.take(1)).toEqual([]);
  });

  test("keeps the newest of each topic when there are too many, and tells of the others", () => {
    const queue = new ReaderQueue({ messagesMax: 3, bytesMax: 1_000 });
    for (const message of createMessages(["a", "b", "a", "a", "b"])) queue.put(message);
    expect(queue.size).toBe(2);
    expect(queue.takeMissed()).toEqual({ coalesced: 3, dropped: 0 });
    expect(queue.takeMissed()).toBeUndefined();
    expect(idsOf(queue.take(EVERYTHING))).toEqual([4, 5]);
  });

  test("drops the oldest when there are too many topics, and tells", () => {
    const queue = new ReaderQueue({ messagesMax: 2, bytesMax: 1_000 });
    for (const message of createMessages(["a", "b", "c", "d", "d"])) queue.put(message);
    expect(queue.takeMissed()).toEqual({ coalesced: 1, dropped: 2 });
    expect(idsOf(queue.take(EVERYTHING))).toEqual([3, 5]);
  });

  test("is bounded by bytes as well, also against one message that is too large", () => {
    const queue = new ReaderQueue({ messagesMax: 100, bytesMax: 25 });
    for (const message of createMessages(["a", "b", "c"], 10)) queue.put(message);
    expect(queue).toMatchObject({ size: 2, bytes: 20 });
    for (const message of createMessages(["e"], 26)) queue.put(message);
    expect(queue).toMatchObject({ size: 0, bytes: 0, hasNews: true });
    expect(queue.takeMissed()).toEqual({ coalesced: 0, dropped: 4 });
  });

  test("shows each message again to a reader that has caught up", () => {
    const queue = new ReaderQueue({ messagesMax: 2, bytesMax: 1_000 });
    for (const message of createMessages(["a", "a", "a"])) queue.put(message);
    queue.take(EVERYTHING);
    queue.takeMissed();
    for (const message of createMessages(["a", "a"])) queue.put(message);
    expect(queue.size).toBe(2);
  });

  test("misses nothing where the reader wants the newest of each topic only", () => {
    const queue = new ReaderQueue({ messagesMax: 10, bytesMax: 1_000 }, true);
    for (const message of createMessages(["a", "b", "a"])) queue.put(message);
    expect(queue.takeMissed()).toBeUndefined();
    const taken = queue.take(EVERYTHING);
    expect(idsOf(taken)).toEqual([2, 3]);
    expect(taken.map(({ replaced }) => replaced)).toEqual([0, 1]);
  });
});
