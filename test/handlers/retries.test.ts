// What happens to a message whose handler fails: it is tried again, in its order, and ends in the
// dead letters when nothing helps.

import { describe, expect, test } from "bun:test";
import { startBridge } from "../../src/testing.ts";
import { hooks, on, t, topic } from "../../src/topics/language.ts";

const work = topic("work/{key}", { payload: t.Object({ at: t.Number() }) });
const done = topic("done/{key}", { payload: t.Object({ at: t.Number() }) });

describe("a handler with retries", () => {
  test("is run again until it succeeds, and told which attempt it is", async () => {
    const attempts: number[] = [];
    const handler = on(
      work,
      async ({ params, payload, attempt, publish }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error("not yet");
        await publish(done, params, payload);
      },
      { retries: 5 },
    );
    await using bridge = await startBridge({ handlers: [handler] });
    await bridge.send(work, { key: "a" }, { at: 1 });
    await bridge.advance(1_000);
    expect((await bridge.expectMessage(done)).payload).toEqual({ at: 1 });
    expect(attempts).toEqual([1, 2, 3]);
    expect(bridge.deadLetters).toEqual([]);
    expect(bridge.log.join("\n")).toMatch(/not yet \(attempt 1 of 6\); trying again in \d+ ms/);
  });

  test("holds up its own key only, and no slot", async () => {
    const handler = on(
      work,
      async ({ params, payload, attempt, publish }) => {
        if (params.key === "bad" && payload.at === 1 && attempt === 1) throw new Error("once");
        await publish(done, params, payload);
      },
      { retries: { times: 1, delay: 60_000 }, concurrency: 1 },
    );
    await using bridge = await startBridge({ handlers: [handler] });
    await bridge.send(work, { key: "bad" }, { at: 1 });
    await bridge.send(work, { key: "bad" }, { at: 2 });
    await bridge.send(work, { key: "good" }, { at: 3 });
    expect((await bridge.expectMessage(done)).params.key).toBe("good");
    await bridge.advance(60_000);
    const later = [await bridge.expectMessage(done), await bridge.expectMessage(done)];
    expect(later.map(({ payload }) => payload.at)).toEqual([1, 2]);
  });

  test("waits longer each time, up to the longest wait", async () => {
    const at: number[] = [];
    let now = 0;
    const handler = on(
      work,
      () => {
        at.push(now);
        throw new Error("never");
      },
      { retries: { times: 5, delay: 1_000, maxDelay: 4_000 } },
    );
    await using bridge = await startBridge({ handlers: [handler] });
    await bridge.send(work, { key: "a" }, { at: 1 });
    for (now = 0; now <= 20_000; now += 100) await bridge.advance(100);
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    const bounds = [1_000, 2_000, 4_000, 4_000, 4_000];
    expect(waits).toHaveLength(5);
    for (const [index, wait] of waits.entries()) {
      const bound = bounds[index] ?? 0;
      expect(wait).toBeGreaterThanOrEqual(bound / 2 - 100);
      expect(wait).toBeLessThanOrEqual(bound + 100);
    }
  });

  test("is run again when its own question, whether that is worth it, fails", async () => {
    const handler = on(
      work,
      async ({ params, payload, attempt, publish }) => {
        if (attempt === 1) throw new Error("once");
        await publish(done, params, payload);
      },
      {
        retries: {
          times: 1,
          when: () => {
            throw new Error("no idea");
          },
        },
      },
    );
    await using bridge = await startBridge({ handlers: [handler] });
    await bridge.send(work, { key: "a" }, { at: 1 });
    await bridge.advance(1_000);
    await bridge.expectMessage(done);
    expect(bridge.log.join("\n")).toContain("retries.when of work/{key} failed: no idea");
  });

  test("is not run again for an error that is not worth it", async () => {
    let runs = 0;
    const handler = on(
      work,
      () => {
        runs += 1;
        throw new TypeError("wrong for ever");
      },
      { retries: { times: 5, when: (error) => !(error instanceof TypeError) } },
    );
    await using bridge = await startBridge({ handlers: [handler] });
    await bridge.send(work, { key: "a" }, { at: 1 });
    await bridge.settled();
    expect(runs).toBe(1);
    expect(bridge.deadLetters).toMatchObject([{ attempts: 1, reason: "wrong for ever" }]);
  });
});

describe("a message that cannot be handled", () => {
  test("whose payload does not fit goes to the dead letters with its reason", async () => {
    await using bridge = await startBridge({ handlers: [on(work, () => {})] });
    await bridge.send(topic("work/a"), { at: "now" });
    await bridge.settled();
    const [letter] = bridge.deadLetters;
    expect(letter).toMatchObject({
      handler: "work/{key}",
      code: "payload_invalid",
      path: "/at",
      attempts: 0,
      message: { topic: "work/a", qos: 1 },
    });
    expect(letter?.message.payload.toString()).toBe('{"at":"now"}');
    expect(bridge.log.join("\n")).toMatch(/WARN .* It is dead letter 1: viaduto dead show 1/);
  });

  test("is handled when its handler is run again, and is no dead letter then", async () => {
    let isBroken = true;
    const handler = on(work, async ({ params, payload, publish }) => {
      if (isBroken) throw new Error("broken");
      await publish(done, params, payload);
    });
    await using bridge = await startBridge({ handlers: [handler] });
    await bridge.send(work, { key: "a" }, { at: 1 });
    await bridge.settled();
    await expect(bridge.redrive(1)).rejects.toMatchObject({ code: "handler_failed" });
    expect(bridge.deadLetters).toMatchObject([{ id: 1, attempts: 2, redrives: 1 }]);
    isBroken = false;
    // Two at once are one: the handler is not run twice.
    await Promise.all([bridge.redrive(1), bridge.redrive(1)]);
    expect(bridge.deadLetters).toEqual([]);
    await bridge.expectMessage(done);
    await bridge.settled();
    expect(bridge.messages).toHaveLength(1);
    await expect(bridge.redrive(1)).rejects.toMatchObject({ code: "dead_letter_unknown" });
  });
});

describe("hooks", () => {
  test("stand around the handler, those of all handlers outside", async () => {
    const calls: string[] = [];
    const handler = on(work, () => void calls.push("run"), {
      before: ({ params }) => void calls.push(`before ${params.key}`),
      after: () => void calls.push("after"),
    });
    const common = hooks({
      before: ({ topic: name }) => void calls.push(`common before ${name}`),
      after: () => void calls.push("common after"),
    });
    await using bridge = await startBridge({ handlers: [common, handler] });
    await bridge.send(work, { key: "a" }, { at: 1 });
    await bridge.settled();
    expect(calls).toEqual(["common before work/a", "before a", "run", "after", "common after"]);
  });

  test("know the result, and may refuse a message by throwing", async () => {
    const results: unknown[] = [];
    const refuse = hooks({
      before: ({ payload }) => {
        if ((payload as { at: number }).at < 0) throw new Error("from the past");
      },
      after: (_context, result) => void results.push(result),
    });
    const handler = on(
      topic("work/{key}", { payload: t.Object({ at: t.Number() }) }),
      ({ payload }) => {
        return payload.at * 2;
      },
    );
    await using bridge = await startBridge({ handlers: [handler, refuse] });
    for (const at of [1, -1, 2]) await bridge.send(work, { key: "a" }, { at });
    await bridge.settled();
    expect(results).toEqual([2, 4]);
    expect(bridge.deadLetters).toMatchObject([{ reason: "from the past" }]);
  });

  test("are told of each failure, and may publish about it", async () => {
    const alarm = topic("alarm", { payload: t.Object({ words: t.String(), isLast: t.Boolean() }) });
    const tell = hooks({
      async onError({ publish }, error, isLast) {
        await publish(alarm, { words: String(error), isLast });
      },
    });
    const handler = on(
      work,
      () => {
        throw new RangeError("too much");
      },
      { retries: { times: 1, delay: 10 } },
    );
    await using bridge = await startBridge({ handlers: [handler, tell] });
    await bridge.send(work, { key: "a" }, { at: 1 });
    await bridge.advance(10);
    const words = "RangeError: too much";
    expect((await bridge.expectMessage(alarm)).payload).toEqual({ words, isLast: false });
    expect((await bridge.expectMessage(alarm)).payload).toEqual({ words, isLast: true });
  });

  test("that hang, when told of a failure, hold up nobody for ever", async () => {
    const handler = on(
      work,
      ({ payload }) => {
        if (payload.at === 1) throw new Error("first");
      },
      { onError: () => new Promise(() => {}), timeout: 20 },
    );
    await using bridge = await startBridge({ handlers: [handler] });
    for (const at of [1, 2]) await bridge.send(work, { key: "a" }, { at });
    await bridge.settled();
    expect(bridge.deadLetters).toMatchObject([{ reason: "first" }]);
    expect(bridge.log.join("\n")).toContain("in onError: the handler work/{key} took longer");
  });

  test("that fail themselves, when told of a failure, change nothing", async () => {
    const onError = () => {
      throw new Error("me too");
    };
    const handler = on(
      work,
      () => {
        throw new Error("first");
      },
      { onError },
    );
    await using bridge = await startBridge({ handlers: [handler] });
    await bridge.send(work, { key: "a" }, { at: 1 });
    await bridge.settled();
    expect(bridge.deadLetters).toMatchObject([{ reason: "first" }]);
    expect(bridge.log.join("\n")).toContain(
      "in onError: the handler work/{key} failed on 'work/a': me too",
    );
  });
});
