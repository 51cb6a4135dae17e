// Writes that share a commit: in order, within bounds, and each told what became of it.

import { expect, test } from "bun:test";
import { createGroupCommit } from "../../src/store/group-commit.ts";

/** A commit that keeps its groups; an item "bad" makes its group fail. */
function createRecording(itemsMax = 100, bytesMax = 1_000) {
  const groups: string[][] = [];
  const commit = createGroupCommit(
    (items: readonly string[]) => {
      if (items.includes("bad")) throw new Error("no room");
      groups.push([...items]);
      return items.map((item) => item.toUpperCase());
    },
    { itemsMax, bytesMax, toBytes: (item) => item.length },
  );
  return { groups, commit };
}

test("what comes in one turn is one group; what comes later is the next", async () => {
  const { groups, commit } = createRecording();
  const results = await Promise.all(["a", "b", "c"].map((item) => commit.add(item)));
  expect(results).toEqual(["A", "B", "C"]);
  expect(await commit.add("d")).toBe("D");
  expect(groups).toEqual([["a", "b", "c"], ["d"]]);
});

test("a group has no more items and hardly more bytes than allowed", async () => {
  const { groups, commit } = createRecording(2, 10);
  const items = ["a", "b", "c", "x".repeat(10), "d", "y".repeat(50), "e"];
  await Promise.all(items.map((item) => commit.add(item)));
  expect(groups.flat()).toEqual(items);
  expect(groups.map((group) => group.length)).toEqual([2, 2, 2, 1]);
});

test("of a group that fails all are told, and the next one goes on", async () => {
  const { groups, commit } = createRecording(2);
  const puts = ["a", "bad", "b"].map((item) => commit.add(item));
  const results = await Promise.allSettled(puts);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  expect(groups).toEqual([["b"]]);
});

test("a flush writes what waits at once, and no item twice", async () => {
  const { groups, commit } = createRecording(1);
  const puts = ["a", "b"].map((item) => commit.add(item));
  commit.flush();
  expect(groups).toEqual([["a"], ["b"]]);
  expect(await Promise.all(puts)).toEqual(["A", "B"]);
  await commit.add("c");
  expect(groups).toEqual([["a"], ["b"], ["c"]]);
});
