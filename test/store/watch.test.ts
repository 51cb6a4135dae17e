// Readers of what passes: each sees what its filters match, once, and frees all when it ends.

import { describe, expect, test } from "bun:test";
import { createObservation } from "../../src/store/observation.ts";
import type { Reader, WatchItem } from "../../src/store/reader.ts";
import { Watch } from "../../src/store/watch.ts";

const BACK = { kind: "connected", broker: "b" } as const;
const MESSAGE = { payload: Buffer.from("x"), qos: 1, retain: false } as const;
const OPTIONS = { messagesMax: 100, bytesMax: 1 << 20, idleMs: 60_000, state: BACK };

function openWatch() {
  const observation = createObservation();
  const watch = new Watch(observation);
  const open = (filters: readonly string[], options = {}) => {
    const reader = watch.open({ ...OPTIONS, ...options });
    for (const filter of filters) reader.follow(filter);
    return reader;
  };
  return { observation, watch, open };
}

/** The topics, until so many messages have come. */
async function readTopics(reader: Reader, count: number): Promise<string[]> {
  const topics: string[] = [];
  for await (const items of reader) {
    for (const item of items) {
      if (item.kind === "message") topics.push(item.watched.message.topic);
    }
    if (topics.length >= count) break;
  }
  return topics;
}

async function readBatch(reader: Reader): Promise<readonly WatchItem[] | undefined> {
  for await (const items of reader) return items;
  return undefined;
}

describe("a watch", () => {
  test("shows each reader what its filters match, in order and once", async () => {
    const { observation, watch, open } = openWatch();
    using _ = watch;
    const wide = open(["#", "a/+", "a/b"]);
    const narrow = open(["a/+"]);
    for (const topic of ["a/b", "c", "a/d", "$SYS/x"]) observation.note(topic, MESSAGE);
    expect(await readTopics(wide, 3)).toEqual(["a/b", "c", "a/d"]);
    expect(await readTopics(narrow, 2)).toEqual(["a/b", "a/d"]);
  });

  test("shares a message among its readers, and its payload is a copy", async () => {
    const { observation, watch, open } = openWatch();
    using _ = watch;
    const [one, other] = [open(["a"]), open(["a"])];
    const payload = Buffer.from("before");
    observation.note("a", { ...MESSAGE, payload });
    payload.fill("!");
    const [first] = (await readBatch(one)) ?? [];
    const [second] = (await readBatch(other)) ?? [];
    if (first?.kind !== "message" || second?.kind !== "message") throw new Error("no message");
    expect(String(first.watched.message.payload)).toBe("before");
    expect(second.watched).toBe(first.watched);
  });

  test("stops showing a filter that is followed no more", async () => {
    const { observation, watch, open } = openWatch();
    using _ = watch;
    const reader = open(["a", "b"]);
    reader.unfollow("a");
    observation.note("a", MESSAGE);
    observation.note("b", MESSAGE);
    expect(await readTopics(reader, 1)).toEqual(["b"]);
  });

  test("tells a reader what it missed before what came then", async () => {
    const { observation, watch, open } = openWatch();
    using _ = watch;
    const reader = open(["#"], { messagesMax: 2 });
    for (const topic of ["a", "b", "a", "c"]) observation.note(topic, MESSAGE);
    const items = (await readBatch(reader)) ?? [];
    expect(items.map(({ kind }) => kind)).toEqual(["missed", "message", "message"]);
    expect(items[0]).toMatchObject({ missed: { coalesced: 1, dropped: 1 } });
  });

  test("keeps no more for a reader that does not read than it may", () => {
    const { observation, watch, open } = openWatch();
    using _ = watch;
    const reader = open(["#"], { bytesMax: 100_000 });
    const large = { ...MESSAGE, payload: Buffer.alloc(1_000) };
    for (let at = 0; at < 10_000; at++) observation.note(`t/${at}`, large);
    expect(reader.waitingBytes).toBeLessThanOrEqual(100_000);
    expect(reader.waitingMessages).toBeGreaterThan(20);
  });

  test("tells of the broker's going and coming, the latest two to who was slow", async () => {
    const { watch, open } = openWatch();
    using _ = watch;
    const reader = open(["a"]);
    const away = { kind: "away", broker: "b", reason: "gone" } as const;
    for (const state of [BACK, away, BACK, BACK]) watch.announce(state);
    expect(await readBatch(reader)).toEqual([
      { kind: "state", state: away },
      { kind: "state", state: BACK },
    ]);
  });

  test("gives an empty batch as a sign of life", async () => {
    const { watch, open } = openWatch();
    using _ = watch;
    expect(await readBatch(open(["a"], { idleMs: 5 }))).toEqual([]);
  });

  test("ends all readers when it is closed, also one that waits, and looks no more", async () => {
    const { observation, watch, open } = openWatch();
    const reader = open(["a"]);
    const waiting = readBatch(reader);
    watch[Symbol.dispose]();
    expect(await waiting).toBeUndefined();
    expect(watch.size).toBe(0);
    observation.note("a", MESSAGE);
    expect(reader.waitingMessages).toBe(0);
    reader[Symbol.dispose](); // Twice is fine.
    reader.follow("a");
    observation.note("a", MESSAGE);
    expect(reader.waitingMessages).toBe(0);
  });
});
