// The tree of topics that the page keeps: counts, rates, and what goes when it is full.

import { describe, expect, test } from "bun:test";
import type { StreamMessage } from "../../src/web/live/bridge-answers.ts";
import { addToRate, readRate } from "../../src/web/live/rate.ts";
import { createTopicStore } from "../../src/web/live/topic-store.ts";
import { TopicTree } from "../../src/web/live/topic-tree.ts";
import { toMessage } from "../kit/stream-messages.ts";

const LIMITS = { topicsMax: 3, previewCharactersMax: 10, charactersMax: 25 };

function fill(tree: TopicTree, ...messages: readonly Partial<StreamMessage>[]): void {
  for (const message of messages) tree.note(toMessage(message), 1_000);
}

describe("the tree of topics", () => {
  test("counts each topic, and all that is below a level", () => {
    const tree = new TopicTree(LIMITS);
    fill(tree, { topic: "a/b", id: 1 }, { topic: "a/b", id: 2 }, { topic: "a", id: 3 });
    expect(tree.find("a/b")?.messages).toBe(2);
    expect(tree.find("a")?.messages).toBe(1);
    expect(tree.find("a")?.below).toMatchObject({ messages: 3, topics: 2 });
    expect(tree.root.below).toMatchObject({ messages: 3, topics: 2 });
  });

  test("counts what a message stands for, and a value from before once at most", () => {
    const tree = new TopicTree(LIMITS);
    fill(tree, { topic: "a", id: 1, initial: true }, { topic: "a", id: 1, initial: true });
    expect(tree.find("a")?.messages).toBe(1);
    expect(tree.root.below.rate.perSecond).toBe(0);
    fill(tree, { topic: "a", id: 2, replaced: 4 });
    expect(tree.find("a")?.messages).toBe(6);
    expect(tree.root.below.rate.perSecond).toBe(1);
  });

  test("takes the bridge's count, and never counts down", () => {
    const tree = new TopicTree(LIMITS);
    fill(tree, { topic: "a", id: 5_000_000 });
    tree.noteCount("a", 40, 4_000_000);
    expect(tree.find("a")).toMatchObject({ messages: 41, changedAtMs: 5_000 });
    tree.noteCount("a", 7, 4_000_000);
    expect(tree.root.below.messages).toBe(41);
  });

  test("counts no message again that the bridge has counted before it came", () => {
    const tree = new TopicTree(LIMITS);
    tree.noteCount("a", 3, 5_000);
    fill(tree, { topic: "a", id: 4_000, replaced: 1 }, { topic: "a", id: 5_000 });
    expect(tree.find("a")).toMatchObject({ messages: 3, last: { id: 5_000 } });
    fill(tree, { topic: "a", id: 6_000 }, { topic: "b", id: 1, initial: true });
    fill(tree, { topic: "b", id: 1 });
    expect(tree.find("a")?.messages).toBe(4);
    expect(tree.find("b")?.messages).toBe(1);
  });

  test("keeps the newest value, and a piece of a long one", () => {
    const tree = new TopicTree(LIMITS);
    fill(
      tree,
      { topic: "a", id: 2, payload: "0123456789x" },
      { topic: "a", id: 1, payload: "old" },
    );
    expect(tree.find("a")?.last).toMatchObject({ id: 2, payload: "0123456789", isPreview: true });
    expect(tree.characters).toBe(10);
  });

  test("lets go what was silent longest, with the levels that led there alone", () => {
    const tree = new TopicTree(LIMITS);
    fill(tree, { topic: "a/x" }, { topic: "b" }, { topic: "c" }, { topic: "b" }, { topic: "d" });
    expect([...tree.topics].map(({ topic }) => topic)).toEqual(["c", "b", "d"]);
    expect([...tree.root.children.keys()]).toEqual(["b", "c", "d"]);
    expect(tree.dropped).toBe(1);
    expect(tree.root.below).toMatchObject({ messages: 4, topics: 3 });
  });

  test("is bounded in characters too", () => {
    const tree = new TopicTree(LIMITS);
    fill(tree, ...["a", "b", "c"].map((topic) => ({ topic, payload: "0123456789" })));
    expect([...tree.topics].map(({ topic }) => topic)).toEqual(["b", "c"]);
    expect(tree.characters).toBe(20);
  });

  test("tells a level whose children come or go, and no other", () => {
    const tree = new TopicTree(LIMITS);
    fill(tree, { topic: "a/b" });
    const a = tree.root.children.get("a");
    const before = [tree.root.childrenVersion, a?.childrenVersion];
    fill(tree, { topic: "a/b" });
    expect([tree.root.childrenVersion, a?.childrenVersion]).toEqual(before);
    fill(tree, { topic: "a/c" });
    expect(tree.root.childrenVersion).toBe(before[0] ?? 0);
    expect(a?.childrenVersion).toBeGreaterThan(before[1] ?? 0);
    const known = tree.root.childrenVersion;
    tree.clear();
    expect(tree.root.childrenVersion).toBeGreaterThan(known);
    expect([tree.size, tree.characters, tree.root.below.messages]).toEqual([0, 0, 0]);
    expect(tree.root.below.rate).toEqual({ perSecond: 0, atMs: 0 });
  });

  test("keeps an empty level apart", () => {
    const tree = new TopicTree(LIMITS);
    fill(tree, { topic: "/a" }, { topic: "a/" }, { topic: "a" });
    expect([...tree.root.children.keys()]).toEqual(["", "a"]);
    expect(tree.find("/a")?.depth).toBe(2);
    expect(tree.find("a")?.children.get("")?.topic).toBe("a/");
  });
});

describe("the store of topics", () => {
  test("changes once for a batch, and says what was skipped", () => {
    const store = createTopicStore(LIMITS);
    const versions: number[] = [];
    const end = store.version.subscribe((version) => versions.push(version));
    const topics = ["a", "b", "c", "d"];
    store.take(
      [
        ...topics.map((topic) => toMessage({ topic, replaced: 2 })),
        { event: "missed", coalesced: 3, dropped: 5 },
        { event: "missed", coalesced: 1, dropped: 1 },
      ],
      1_000,
    );
    end();
    expect(versions).toHaveLength(2); // The first is told at once.
    expect(store.skipped.value).toEqual({ replaced: 8, coalesced: 4, dropped: 6, topics: 1 });
    store.clear();
    expect(store.skipped.value).toEqual({ replaced: 0, coalesced: 0, dropped: 0, topics: 0 });
  });

  test("changes its structure with the topics alone", () => {
    const store = createTopicStore(LIMITS);
    store.take([toMessage({ topic: "a" })], 1_000);
    const before = store.structure.value;
    store.take([toMessage({ topic: "a" })], 1_000);
    expect(store.structure.value).toBe(before);
    store.take([toMessage({ topic: "b" })], 1_000);
    expect(store.structure.value).not.toBe(before);
  });
});

test("a rate comes near to what is steady, and is forgotten in silence", () => {
  const rate = { perSecond: 0, atMs: 0 };
  for (let atMs = 100; atMs <= 60_000; atMs += 100) addToRate(rate, 10, atMs);
  expect(readRate(rate, 60_000)).toBeCloseTo(100, -1);
  expect(readRate(rate, 65_000)).toBeCloseTo(readRate(rate, 60_000) / Math.E, 5);
  // Another clock may be behind.
  expect(readRate(rate, 59_000)).toBe(readRate(rate, 60_000));
});
