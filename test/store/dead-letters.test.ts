// The dead letters: what is put is found again, exactly, within the limits.

import { describe, expect, test } from "bun:test";
import { makeLetter, openStore } from "../kit/dead-letters.ts";

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, at) => at));

describe("a letter comes back as it was put", () => {
  test("with every byte, property and word", async () => {
    await using one = openStore({ now: () => 1_234 });
    const names = JSON.parse('{"__proto__":"a","constructor":["b","","b"],"":"ç🦊","2":"x"}');
    const letter = makeLetter(
      { path: "/device_id", stack: "Error: x\n    at handler (a.ts:1:1)" },
      {
        topic: "devices/ü",
        payload: ALL_BYTES,
        qos: 2,
        retain: true,
        duplicate: true,
        properties: {
          payloadFormatIndicator: false,
          messageExpiryInterval: 4_294_967_295,
          responseTopic: "replies/7",
          correlationData: ALL_BYTES,
          contentType: "text/plain",
          userProperties: names,
        },
      },
    );
    const id = await one.store.put(letter);
    const expected = { ...letter, id, atMs: 1_234, redrives: 0, payloadBytes: 256 };
    expect(one.store.get(id)).toStrictEqual(expected);
    expect(one.store.list()).toStrictEqual([expected]);
    const users = one.store.get(id)?.message.properties?.userProperties ?? {};
    expect(Object.keys(users)).toContain("__proto__");
  });

  test("what it does not have, it does not have afterwards", async () => {
    await using one = openStore();
    const letter = makeLetter({}, { payload: Buffer.alloc(0), properties: {} });
    const id = await one.store.put(letter);
    const found = one.store.get(id);
    expect(found).toMatchObject(letter);
    expect(Object.keys(found ?? {})).not.toContain("stack");
    expect(found?.message.payload).toStrictEqual(Buffer.alloc(0));
    expect(found?.message.properties).toStrictEqual({});
    const plain = await one.store.put(makeLetter());
    expect(Object.keys(one.store.get(plain)?.message ?? {})).not.toContain("properties");
  });

  test("only the beginning of its payload, where no more is asked for", async () => {
    await using one = openStore();
    await one.store.put(makeLetter({}, { payload: Buffer.from("abcdef") }));
    const [letter] = one.store.list({ payloadBytesMax: 3 });
    expect(letter).toMatchObject({ payloadBytes: 6, message: { payload: Buffer.from("abc") } });
  });

  test("an endless reason is cut", async () => {
    await using one = openStore();
    const id = await one.store.put(makeLetter({ reason: "x".repeat(1 << 20) }));
    expect(one.store.get(id)?.reason.length).toBe(4_000);
  });
});

describe("letters are found", () => {
  test("newest first, page by page", async () => {
    await using one = openStore();
    const ids = await Promise.all(Array.from({ length: 250 }, () => one.store.put(makeLetter())));
    const newest = ids.toReversed();
    const idsOf = (query: object) => one.store.list(query).map(({ id }) => id);
    expect(idsOf({})).toEqual(newest.slice(0, 100));
    expect(idsOf({ limit: 200, beforeId: newest[99] })).toEqual(newest.slice(100));
    expect(one.store.listIds({ limit: 3 })).toEqual(ids.slice(0, 3));
  });

  test("by handler and by filter, also when they are far apart", async () => {
    await using one = openStore();
    const put = (handler: string, topic: string) =>
      one.store.put(makeLetter({ handler }, { topic }));
    const first = await put("a", "devices/1/update");
    await Promise.all(Array.from({ length: 2_500 }, () => put("b", "noise")));
    const last = await put("b", "devices/2");
    const idsOf = (query: object) => one.store.list(query).map(({ id }) => id);
    expect(idsOf({ handler: "a" })).toEqual([first]);
    expect(idsOf({ topic: "devices/#" })).toEqual([last, first]);
    expect(idsOf({ topic: "devices/+/update" })).toEqual([first]);
    expect(idsOf({ topic: "devices/#", handler: "b" })).toEqual([last]);
    expect(idsOf({ topic: "devices/#", limit: 1 })).toEqual([last]);
    expect(one.store.listIds({ handler: "a", limit: 10 })).toEqual([first]);
    expect(() => one.store.list({ topic: "a/#/b" })).toThrow("no topic pattern");
  });
});

describe("letters change", () => {
  test("a redrive that failed brings its failure up to date, and leaves the message", async () => {
    await using one = openStore();
    const id = await one.store.put(makeLetter({ path: "/old", stack: "old" }));
    const before = one.store.get(id);
    const failure = { code: "handler_timeout", reason: "too slow", attempts: 5 } as const;
    one.store.update(id, failure);
    const { path: _, stack: __, ...rest } = before ?? {};
    expect(one.store.get(id)).toStrictEqual({ ...rest, ...failure, redrives: 1 } as never);
    one.store.update(id, { ...failure, path: "/new", stack: "new" });
    expect(one.store.get(id)).toMatchObject({ redrives: 2, path: "/new", stack: "new" });
  });

  test("one that was removed is gone, and its id is never another's", async () => {
    await using one = openStore();
    const id = await one.store.put(makeLetter());
    expect([one.store.remove(id), one.store.remove(id)]).toEqual([true, false]);
    expect(one.store.get(id)).toBeUndefined();
    expect(await one.store.put(makeLetter())).toBeGreaterThan(id);
  });

  test("a purge takes those of a handler, those of a time, or all", async () => {
    let nowMs = 1_000_000;
    await using one = openStore({ now: () => nowMs });
    const { store } = one;
    const put = (handler: string) => store.put(makeLetter({ handler }));
    await Promise.all(Array.from({ length: 1_200 }, () => put("a")));
    await put("b");
    nowMs += 1_000;
    await put("a");
    expect(store.purge({ handler: "nobody" })).toBe(0);
    expect(store.purge({ handler: "a", beforeMs: nowMs })).toBe(1_200);
    expect(store.purge({ beforeMs: nowMs })).toBe(1);
    expect(store.purge()).toBe(1);
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });
});

describe("the limits", () => {
  test("hold for the number: the oldest go, and the log hears of it once", async () => {
    await using one = openStore({ lettersMax: 3 });
    const puts = Array.from({ length: 1_000 }, () => one.store.put(makeLetter()));
    const ids = await Promise.all(puts);
    expect(one.store.list().map(({ id }) => id)).toEqual(ids.slice(-3).reverse());
    expect([one.store.size, one.store.dropped]).toEqual([3, 997]);
    await one.log.waitForLine(/of the dead letters went/);
    await one.store[Symbol.asyncDispose]();
    await one.log.writer.flush();
    const told = one.log.lines.map((line) =>
      Number(/(\d+) of the dead letters went/.exec(line)?.[1]),
    );
    // The first at once, and the others together.
    expect(told.length).toBeLessThanOrEqual(2);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(997);
  });

  test("hold for the bytes, and the newest stays however large it is", async () => {
    await using one = openStore({ bytesMax: 100 });
    const put = (size: number) => one.store.put(makeLetter({}, { payload: Buffer.alloc(size) }));
    for (const size of [40, 40, 30]) await put(size);
    expect([one.store.size, one.store.bytes]).toEqual([2, 70]);
    await put(1_000);
    expect([one.store.size, one.store.bytes]).toEqual([1, 1_000]);
    await put(1);
    expect([one.store.size, one.store.bytes]).toEqual([1, 1]);
  });

  test("hold for the age, also when no other letter comes", async () => {
    let nowMs = 1_000_000;
    await using one = openStore({ ageMsMax: 50, now: () => nowMs });
    await one.store.put(makeLetter());
    nowMs += 60;
    await one.log.waitForLine(/1 of the dead letters went/);
    expect([one.store.size, one.store.dropped]).toEqual([0, 1]);
  });
});

test("a store may be closed twice, writes first what still waits, and takes no more", async () => {
  const { store } = openStore();
  const put = store.put(makeLetter());
  await store[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  expect(await put).toBe(1);
  expect(store.put(makeLetter())).rejects.toMatchObject({ code: "store_failed" });
});

test("what waits for the disk leaves the loop its turns", async () => {
  await using one = openStore();
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await Promise.all(Array.from({ length: 2_000 }, () => one.store.put(makeLetter())));
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(10);
});
