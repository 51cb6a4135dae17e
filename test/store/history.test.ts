// The history with its thread: what is found, and what the limits leave. What becomes of its file
// is in history-file.test.ts.

import { describe, expect, test } from "bun:test";
import type { HistoryQuery } from "../../src/store/history.ts";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { openTestHistory, toObserved } from "../kit/observed.ts";

const ALL: HistoryQuery = { filter: "#", limit: 100, order: "newest" };

describe("what was seen is found", () => {
  test("at once, whole, and with all its properties", async () => {
    await using opened = openTestHistory();
    const properties = {
      payloadFormatIndicator: true,
      messageExpiryInterval: 60,
      responseTopic: "a/ü",
      correlationData: Buffer.from([0, 255]),
      contentType: "text/plain",
      userProperties: { one: "1", list: ["a", "b"], ["__proto__"]: "x" },
    };
    const payload = Buffer.from([0, 1, 254, 255]);
    const message = toObserved("bytes/漢", 1_000, { payload, qos: 2, retain: true, properties });
    opened.history.record(message);
    const [found] = await opened.history.find(ALL);
    expect(found).toEqual({ ...message, payloadBytes: 4, isCut: false });
  });

  test("a payload over the limit is cut, and says how long it was", async () => {
    await using opened = openTestHistory({ payloadBytesMax: 3 });
    opened.history.record(toObserved("a", 1, { payload: Buffer.from("12345") }));
    const [found] = await opened.history.find(ALL);
    expect(found).toMatchObject({ payloadBytes: 5, isCut: true });
    expect(String(found?.payload)).toBe("123");
  });

  test("an empty payload, and properties that are there without one in them", async () => {
    await using opened = openTestHistory();
    opened.history.record(toObserved("a", 1, { payload: Buffer.alloc(0), properties: {} }));
    opened.history.record(toObserved("b", 2));
    const [second, first] = await opened.history.find(ALL);
    expect(first).toMatchObject({ payloadBytes: 0, isCut: false, properties: {} });
    expect(second).not.toHaveProperty("properties");
  });

  test("in both orders, and between two ids", async () => {
    await using opened = openTestHistory();
    for (let id = 1; id <= 9; id++) opened.history.record(toObserved("a", id));
    const ids = async (query: Partial<HistoryQuery>) => {
      return (await opened.history.find({ ...ALL, ...query })).map(({ id }) => id);
    };
    expect(await ids({ limit: 3 })).toEqual([9, 8, 7]);
    expect(await ids({ limit: 3, order: "oldest" })).toEqual([1, 2, 3]);
    expect(await ids({ sinceId: 3, untilId: 6 })).toEqual([5, 4]);
    expect(await ids({ sinceId: 7, order: "oldest" })).toEqual([8, 9]);
    expect(await ids({ sinceId: 9 })).toEqual([]);
  });

  test.each([
    ["a", [1]],
    ["a/#", [5, 3, 2, 1]],
    ["a/+", [3, 2]],
    ["+/b", [4, 2]],
    ["#", [5, 4, 3, 2, 1]],
    ["$own/#", [6]],
    ["ab", []],
  ])("by the filter %s", async (filter, expected) => {
    await using opened = openTestHistory();
    const topics = ["a", "a/b", "a/c", "b/b", "a/b/c", "$own/x"];
    for (const [at, topic] of topics.entries()) opened.history.record(toObserved(topic, at + 1));
    const found = await opened.history.find({ ...ALL, filter });
    expect(found.map(({ id }) => id)).toEqual(expected);
  });

  test("among thousands of topics, in parts, with the same answer", async () => {
    await using opened = openTestHistory();
    const isWanted = (id: number) => id % 3 === 0;
    for (let id = 1; id <= 12_000; id++) {
      opened.history.record(toObserved(`t/${id % 900}/${isWanted(id) ? "yes" : "no"}`, id));
    }
    const query = { ...ALL, filter: "t/+/yes", limit: 4_000 };
    const ids = (await opened.history.find(query)).map(({ id }) => id);
    expect(ids).toHaveLength(4_000);
    expect(ids.every((id, at) => id === 12_000 - at * 3)).toBe(true);
  });

  test("over several pages, when the payloads are large", async () => {
    await using opened = openTestHistory({ payloadBytesMax: 1 << 20 });
    const payload = Buffer.alloc(1 << 20, 97);
    for (let id = 1; id <= 7; id++) opened.history.record(toObserved("a", id, { payload }));
    const page = await opened.history.findPage(ALL);
    expect(page.isLast).toBe(false);
    expect(page.messages.length).toBeLessThan(5);
    expect(await opened.history.find(ALL)).toHaveLength(7);
  });

  test("but not the broker's own figures", async () => {
    await using opened = openTestHistory();
    opened.history.record(toObserved("$SYS/broker/uptime", 1));
    expect(await opened.history.find({ ...ALL, filter: "$SYS/#" })).toEqual([]);
  });

  test("a filter that is none is refused", async () => {
    await using opened = openTestHistory();
    const asked = opened.history.find({ ...ALL, filter: "a/#/b" });
    await expect(asked).rejects.toMatchObject({ code: "pattern_invalid" });
  });
});

describe("limits", () => {
  test("of one topic the newest stay, others are not touched", async () => {
    await using opened = openTestHistory({ perTopicMax: 3 });
    opened.history.record(toObserved("rare", 1));
    for (let id = 2; id <= 9; id++) {
      opened.history.record(toObserved("often", id));
      await opened.history.find(ALL);
    }
    expect((await opened.history.find(ALL)).map(({ id }) => id)).toEqual([9, 8, 7, 1]);
  });

  test("of bytes the newest stay, and the file does not grow beyond", async () => {
    const bytesMax = 2 << 20;
    await using opened = openTestHistory({ bytesMax, payloadBytesMax: 10_000 });
    const payload = Buffer.alloc(10_000, 97);
    for (let id = 1; id <= 1_000; id++) {
      opened.history.record(toObserved(`t/${id % 7}`, id, { payload }));
      if (id % 100 === 0) await opened.history.find({ ...ALL, limit: 1 });
    }
    const found = await opened.history.find({ ...ALL, limit: 1_000 });
    expect(found[0]?.id).toBe(1_000);
    expect(found.length).toBeGreaterThan(10);
    expect(found.length).toBeLessThan(220);
    expect(opened.history.figures).toMatchObject({ recorded: 1_000, skipped: 0 });
    expect(opened.history.figures.bytes).toBeLessThanOrEqual(bytesMax);
  });

  test("of age, at the start; topics without messages are forgotten", async () => {
    await using folder = await makeTemporaryFolder();
    const nowId = Date.now() * 1_000;
    {
      await using opened = openTestHistory({ folder: folder.path });
      opened.history.record(toObserved("old", nowId - 7_200_000_000));
      opened.history.record(toObserved("new", nowId));
    }
    await using opened = openTestHistory({ folder: folder.path, ageMsMax: 3_600_000 });
    expect((await opened.history.find(ALL)).map(({ topic }) => topic)).toEqual(["new"]);
    const topics: string[] = [];
    await opened.history.eachNewest(10, ({ topic }) => topics.push(topic));
    expect(topics).toEqual(["new"]);
  });

  test("what comes faster than the thread takes it is skipped, counted and told", async () => {
    await using opened = openTestHistory({ payloadBytesMax: 1 << 20 });
    const payload = Buffer.alloc(1 << 20, 97);
    for (let id = 1; id <= 40; id++) opened.history.record(toObserved("a", id, { payload }));
    const found = await opened.history.find(ALL);
    const { recorded, skipped } = opened.history.figures;
    expect(found).toHaveLength(recorded);
    expect(skipped).toBeGreaterThan(20);
    expect(recorded + skipped).toBe(40);
    await opened.history[Symbol.asyncDispose]();
    await opened.log.waitForLine(/WARN - \d+ messages could not be recorded: the disk is too slow/);
  });

  test("more than 64 questions at once are refused, and the others answered", async () => {
    await using opened = openTestHistory();
    opened.history.record(toObserved("a", 1));
    const asked = Array.from({ length: 70 }, () => opened.history.find(ALL));
    const answers = await Promise.allSettled(asked);
    const refused = answers.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(6);
    expect(refused[0]).toMatchObject({ reason: { code: "history_busy" } });
    expect(await opened.history.find(ALL)).toHaveLength(1);
  });
});
