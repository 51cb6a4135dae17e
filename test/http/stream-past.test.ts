// Where a stream goes on: what the history has since the last event, in order and once, and word of
// what it does not have.

import { describe, expect, test } from "bun:test";
import { type PastHistory, type PastWish, readPast } from "../../src/http/stream-past.ts";
import { createLastValues } from "../../src/store/last-values.ts";
import type { RecordedMessage } from "../../src/store/recorded-message.ts";
import { overlaps } from "../../src/topics/filter-relations.ts";

const BYTES_MAX = 1 << 20;

/** A history in a list; whether a bound belongs to what is found is each history's own choice. */
function createHistory(messages: readonly RecordedMessage[], isInclusive: boolean): PastHistory {
  return {
    async find({ filter, sinceId = 0, untilId = Number.MAX_SAFE_INTEGER, limit, order }) {
      const found = messages.filter(({ id, topic }) => {
        const isWithin = isInclusive
          ? id >= sinceId && id <= untilId
          : id > sinceId && id < untilId;
        return isWithin && overlaps(filter, topic);
      });
      return (order === "oldest" ? found : found.toReversed()).slice(0, limit);
    },
  };
}

function createMessages(topics: readonly string[], firstId = 1): RecordedMessage[] {
  return topics.map((topic, at) => {
    const head = { qos: 0, retain: false, receivedAtMs: 0, payloadBytes: 1, isCut: false } as const;
    return { ...head, id: firstId + at, topic, payload: Buffer.from("x") };
  });
}

/** The ids of the messages that come, and the words for what is missed. */
async function read(
  history: PastHistory | undefined,
  { untilId = 1_000, ...wish }: Partial<PastWish> & Pick<PastWish, "filters">,
  resumeMessagesMax = 1_000,
) {
  const parts = {
    values: createLastValues({ topicsMax: 10, bytesMax: BYTES_MAX }),
    history,
    resumeMessagesMax,
  };
  const past = readPast(parts, { lastId: undefined, wantsValues: false, untilId, ...wish });
  const events: (number | string)[] = [];
  for (;;) {
    const { done, value } = await past.next();
    if (done) return events;
    for (const [, id, event] of String(value).matchAll(TOLD)) {
      events.push(event === "message" ? Number(id) : (event ?? ""));
    }
  }
}
const TOLD = /(?:id: (\d+)\n)?event: (\w+)\n/g;

describe.each([true, false])("a history whose bounds count (%p)", (isInclusive) => {
  const topics = Array.from({ length: 450 }, (_, at) => (at % 3 === 0 ? "a" : "b"));
  const history = createHistory(createMessages(topics), isInclusive);

  test("gives all that came after the last event, page by page", async () => {
    const events = await read(history, { filters: ["#"], lastId: 100 });
    expect(events).toEqual(Array.from({ length: 350 }, (_, at) => 101 + at));
  });

  test("gives what several filters match once and in order", async () => {
    const events = await read(history, { filters: ["a", "+", "b"], lastId: 440 });
    expect(events).toEqual([441, 442, 443, 444, 445, 446, 447, 448, 449, 450]);
    const one = await read(history, { filters: ["a"], lastId: 440 });
    expect(one).toEqual([442, 445, 448]);
  });

  test("has nothing more for who has all", async () => {
    expect(await read(history, { filters: ["#"], lastId: 450 })).toEqual([]);
  });

  test("leaves to the stream what passed since it was opened", async () => {
    const events = await read(history, { filters: ["#"], lastId: 440, untilId: 444 });
    expect(events).toEqual([441, 442, 443, 444]);
    const full = await read(history, { filters: ["#"], lastId: 440, untilId: 444 }, 4);
    expect(full).toEqual([441, 442, 443, 444]);
  });

  test("says so when there is more than may be sent", async () => {
    const events = await read(history, { filters: ["#"], lastId: 10 }, 150);
    expect(events).toHaveLength(151);
    expect(events.at(-1)).toBe("missed");
    expect(events.at(-2)).toBe(160);
  });

  test("says so when it does not reach back as far", async () => {
    const young = createHistory(createMessages(["a", "a"], 500), isInclusive);
    expect(await read(young, { filters: ["a"], lastId: 7 })).toEqual(["missed", 500, 501]);
  });
});

test("who was never here gets nothing from the history", async () => {
  const history = createHistory(createMessages(["a"]), true);
  expect(await read(history, { filters: ["a"] })).toEqual([]);
});
