// The tree of topics as rows: order, what is open, what a search finds, and what keys do there.

import { describe, expect, test } from "bun:test";
import { signal } from "@preact/signals";
import type { StreamMessage } from "../../src/web/live/bridge-answers.ts";
import { createTopicStore } from "../../src/web/live/topic-store.ts";
import { listRows, type TopicRow } from "../../src/web/topics/topic-rows.ts";
import { parseSearch } from "../../src/web/topics/topic-search.ts";
import { toKeyEffect } from "../../src/web/topics/tree-keys.ts";
import { createTreeState } from "../../src/web/topics/tree-state.ts";
import { toMessage } from "../kit/stream-messages.ts";

const ROOM: Partial<StreamMessage> = {
  topic: "rooms/2/door",
  payload: "Open",
  properties: { user_properties: { by: ["Ana", "Zé"] } },
};
const MESSAGES = [
  ROOM,
  { topic: "rooms/10/door", payload: "b3Blbg==", payload_encoding: "base64" },
  { topic: "rooms", payload: "{}" },
  { topic: "a+b", payload: "#" },
] as const satisfies readonly Partial<StreamMessage>[];

function createTopics() {
  const topics = createTopicStore();
  topics.take(MESSAGES.map(toMessage), 1_000);
  return topics;
}

function search(text: string): string[] {
  return listRows(createTopics().tree, parseSearch(text), () => true).rows.map(toTopic);
}

const toTopic = ({ node }: TopicRow) => node.topic;

describe("rows", () => {
  test("are in the order of their names, with numbers by their size", () => {
    const { rows, found } = listRows(createTopics().tree, parseSearch(" "), () => true);
    const topics = ["a+b", "rooms", "rooms/2", "rooms/2/door", "rooms/10", "rooms/10/door"];
    expect(rows.map(toTopic)).toEqual(topics);
    expect(rows.map(({ isOpen }) => isOpen)).toEqual([
      undefined,
      true,
      true,
      undefined,
      true,
      undefined,
    ]);
    expect(rows.map(({ position, siblings }) => `${position} of ${siblings}`)).toEqual([
      "1 of 2",
      "2 of 2",
      "1 of 2",
      "1 of 1",
      "2 of 2",
      "1 of 1",
    ]);
    expect(found).toBe(4);
  });

  test("are those of a filter, with what leads there", () => {
    expect(search("rooms/+/door")).toHaveLength(5);
    expect(search("rooms/2/#")).toEqual(["rooms", "rooms/2", "rooms/2/door"]);
    expect(search("+")).toEqual(["a+b", "rooms"]);
    expect(search("+/nowhere")).toEqual([]);
  });

  test("are those with a text, in topic, payload or user properties", () => {
    const door = ["rooms", "rooms/2", "rooms/2/door"];
    expect(search("2/DOOR")).toEqual(door);
    expect(search("open")).toEqual(door); // Not in base64, which is no text.
    expect(search("zé")).toEqual(door);
    expect(search("By")).toEqual(door);
    expect(search("b3Bl")).toEqual([]);
    expect(search("a+b")).toEqual(["a+b"]);
    expect(search("rooms/#/door")).toEqual([]);
  });

  test("count what is found, and not what leads there", () => {
    const { found } = listRows(createTopics().tree, parseSearch("rooms/+/door"), () => false);
    expect(found).toBe(2);
  });
});

describe("the state of the tree", () => {
  test("opens what is new in a small tree, and keeps what the reader closed", () => {
    const topics = createTopics();
    const state = createTreeState({ topics, now: signal(0) });
    expect(state.shown.value.rows).toHaveLength(6);
    const rooms = topics.tree.find("rooms");
    if (!rooms) throw new Error("it was noted");
    state.open(rooms, false);
    expect(state.shown.value.rows.map(toTopic)).toEqual(["a+b", "rooms"]);
    expect(state.reveal("rooms/10/door")).toBe(true);
    expect(state.cursor.value?.topic).toBe("rooms/10/door");
    expect(state.shown.value.rows).toHaveLength(6);
    expect(state.reveal("rooms/11/door")).toBe(false);
    state.openAll(false);
    expect(state.shown.value.rows).toHaveLength(2);
    state.openAll(true);
    expect(state.shown.value.rows).toHaveLength(6);
  });

  test("leaves the levels of a large tree shut", () => {
    const topics = createTopicStore();
    const many = Array.from({ length: 201 }, (_, at) => toMessage({ topic: `many/${at}` }));
    topics.take(many, 1_000);
    const state = createTreeState({ topics, now: signal(0) });
    expect(state.shown.value.rows.map(toTopic)).toEqual(["many"]);
  });

  test("looks again at payloads with each second, while a text is searched", () => {
    const topics = createTopics();
    const now = signal(0);
    const state = createTreeState({ topics, now });
    state.search.value = "shut";
    expect(state.shown.value.found).toBe(0);
    topics.take([toMessage({ ...ROOM, payload: "shut", id: 2_000_000 })], 1_000);
    now.value += 1;
    expect(state.shown.value.found).toBe(1);
  });
});

describe("a key", () => {
  const tree = createTopics().tree;
  const rows = listRows(tree, parseSearch(""), ({ topic }) => topic !== "rooms/10").rows;
  const [first, rooms, two, door, ten] = rows.keys();
  const press = (key: string, at: number | undefined) => toKeyEffect(key, rows, at ?? -1, 3);

  test.each([
    ["ArrowDown", first, rooms],
    ["ArrowDown", ten, ten],
    ["ArrowDown", -1, first],
    ["ArrowUp", rooms, first],
    ["ArrowUp", first, first],
    ["PageDown", first, door],
    ["PageUp", ten, rooms],
    ["Home", ten, first],
    ["End", first, ten],
    ["ArrowRight", rooms, two],
    ["ArrowLeft", door, two],
  ])("%s in row %d moves to row %d", (key, at, to) => {
    expect(press(key, at)).toEqual({ kind: "move", to: to ?? -1 });
  });

  test("opens, closes and chooses", () => {
    expect(press("ArrowRight", ten)).toEqual({ kind: "open" });
    expect(press("ArrowLeft", two)).toEqual({ kind: "close" });
    expect(press("Enter", door)).toEqual({ kind: "choose" });
    expect(press(" ", rooms)).toEqual({ kind: "choose" });
  });

  test("does nothing where there is nothing to do", () => {
    expect(press("ArrowRight", first)).toBeUndefined();
    expect(press("ArrowLeft", first)).toBeUndefined();
    expect(press("Enter", -1)).toBeUndefined();
    expect(press("p", first)).toBeUndefined();
  });
});
