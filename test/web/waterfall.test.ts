// Stories as steps on an axis, and how they are found.

import { describe, expect, test } from "bun:test";
import {
  findStories,
  mergeStories,
  STORIES_MAX,
  toSearch,
  toTotalMs,
} from "../../src/web/flow/story-list.ts";
import { toAxis, toSteps, toTimes } from "../../src/web/flow/waterfall.ts";
import type { FlowJson, FlowRunJson } from "../../src/web/live/flow-answers.ts";

const RUN: FlowRunJson = {
  handler: "rooms/{id}",
  attempt: 1,
  queued_ms: 1,
  start_ms: 4,
  end_ms: 9,
  outcome: "done",
  publishes: [
    { topic: "out", qos: 1, retain: false, is_reply: true, is_call: false, sent_ms: 5 },
    {
      topic: "more",
      qos: 1,
      retain: false,
      is_reply: false,
      is_call: false,
      sent_ms: 6,
      acknowledged_ms: 8,
    },
  ],
};
const STORY: FlowJson = {
  id: 1,
  at: "2026-01-31T12:00:00.000Z",
  status: "done",
  sender: { kind: "http", method: "POST", route: "/rpc/*", sent_ms: 1, answered_ms: 12 },
  topic: "rooms/1",
  qos: 1,
  retain: false,
  payload: "Hello",
  payload_encoding: "plain",
  payload_bytes: 5,
  arrived_ms: 3,
  runs: [RUN],
};

describe("a story's steps", () => {
  test("are sender, broker, runs with what they published, and the reply", () => {
    const steps = toSteps(STORY);
    const kinds = ["sender", "broker", "run", "publish", "publish", "answered"];
    expect(steps.map(({ kind }) => `${kind}`)).toEqual(kinds);
    expect(steps.map(toTimes)).toEqual([
      { startMs: 0, tookMs: 12 },
      { startMs: 1, tookMs: 2 },
      { waitedMs: 1, startMs: 4, tookMs: 5 },
      { startMs: 5 },
      { startMs: 6, tookMs: 2 },
      { startMs: 5, tookMs: 7 },
    ]);
    expect(new Set(steps.map(({ key }) => key)).size).toBe(steps.length);
  });

  test("of a run have its waiting, and its failure", () => {
    const [, , run] = toSteps({ ...STORY, runs: [{ ...RUN, code: "handler_failed" }] });
    expect(run?.bars).toEqual([
      { tone: "wait", startMs: 3, endMs: 4 },
      { tone: "bad", startMs: 4, endMs: 9 },
    ]);
  });

  test("last while nothing has ended them", () => {
    const waiting: FlowRunJson = { handler: "a", attempt: 1, publishes: [] };
    const running: FlowRunJson = { ...waiting, start_ms: 4 };
    const steps = toSteps({ ...STORY, runs: [waiting, running] });
    const bars = steps.filter(({ kind }) => kind === "run").map(({ bars }) => bars);
    expect(bars).toEqual([[], [{ tone: "run", startMs: 4, endMs: undefined }]]);
  });
});

describe("the axis", () => {
  test.each([0.03, 0.4, 1, 9.7, 87, 1_234, 60_000])("of %d ms has two to six ticks", (end_ms) => {
    const { sender: _, ...rest } = STORY;
    const sender = { kind: "broker" } as const;
    const runs = [{ ...RUN, publishes: [], start_ms: 0, queued_ms: 0, end_ms }];
    const { spanMs, ticksMs } = toAxis({ ...rest, sender, arrived_ms: 0, runs });
    expect(spanMs).toBeGreaterThan(end_ms);
    expect(ticksMs.length).toBeGreaterThanOrEqual(2);
    expect(ticksMs.length).toBeLessThanOrEqual(6);
    expect(ticksMs[0]).toBe(0);
    expect(ticksMs.at(-1)).toBeLessThanOrEqual(spanMs);
  });

  test("reaches to the last that is known", () => {
    expect(toTotalMs(STORY)).toBe(12);
    expect(toAxis({ ...STORY, status: "running" }).spanMs).toBe(15);
  });
});

describe("the list", () => {
  test("is newest first, bounded, with what has changed since", () => {
    const many = Array.from({ length: STORIES_MAX + 5 }, (_, id) => ({ ...STORY, id }));
    const list = mergeStories(many, [{ ...STORY, id: 7, status: "failed" }]);
    expect(list).toHaveLength(STORIES_MAX);
    expect(list[0]?.id).toBe(STORIES_MAX + 4);
    expect(list.filter(({ status }) => status === "failed").map(({ id }) => id)).toEqual([7]);
    expect(mergeStories(list, [])).toBe(list);
  });

  test("takes a filter to the bridge, and looks for text itself", () => {
    expect(toSearch(" rooms/+/a ")).toEqual({ filter: "rooms/+/a", text: "" });
    expect(toSearch("HeLLo")).toEqual({ filter: "#", text: "hello" });
    const failed: FlowJson = { ...STORY, id: 2, status: "failed", payload: "no" };
    const ids = (typed: string, kind: "all" | "failed") =>
      findStories([STORY, failed], toSearch(typed), kind).map(({ id }) => id);
    expect(ids("hello", "all")).toEqual([1]);
    expect(ids("RPC", "all")).toEqual([1, 2]);
    expect(ids("rooms/{id}", "failed")).toEqual([2]);
    expect(ids("nothing of it", "all")).toEqual([]);
  });
});
