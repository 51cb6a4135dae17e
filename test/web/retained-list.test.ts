// The list of retained messages while its reader asks for another filter.

import { expect, test } from "bun:test";
import { createRetainedList } from "../../src/web/retained/retained-list.ts";

test("reading anew means the filter that was asked for last, answered or not", async () => {
  const paths: string[] = [];
  const answers: (() => void)[] = [];
  const ask = async <Answer>(path: string) => {
    paths.push(path);
    const { promise, resolve } = Promise.withResolvers<void>();
    answers.push(resolve);
    await promise;
    return { messages: [], total: 0, completeness: "complete" } as Answer;
  };
  const list = createRetainedList({ ask });
  await list.refresh();
  expect(paths).toEqual([]);
  const first = list.read("a/#");
  answers.at(-1)?.();
  await first;
  const others = [list.read("b/#"), list.refresh()];
  for (const answer of answers) answer();
  await Promise.all(others);
  expect(paths.at(-1)).toContain("filter=b%2F%23");
  expect(list.state.value).toMatchObject({ kind: "shown", filter: "b/#" });
  expect(list.isReading.value).toBe(false);
});

test("a next page that cannot be read leaves what was read", async () => {
  let isAway = false;
  const ask = async <Answer>() => {
    if (isAway) throw new Error("away");
    const messages = [{ topic: "a" }];
    return { messages, total: 2, next: "a", completeness: "complete" } as Answer;
  };
  const list = createRetainedList({ ask });
  await list.read("#");
  isAway = true;
  await expect(list.more()).rejects.toThrow("away");
  expect(list.state.value).toMatchObject({ kind: "shown", messages: [{ topic: "a" }] });
  expect(list.isReading.value).toBe(false);
  isAway = false;
  await list.more();
  expect(list.state.value).toMatchObject({ messages: [{ topic: "a" }, { topic: "a" }] });
});
