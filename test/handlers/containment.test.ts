// Handlers that misbehave: each is contained, told, and the others go on.

import { describe, expect, test } from "bun:test";
import { startBridge } from "../../src/testing.ts";
import { on, t, topic } from "../../src/topics/language.ts";

const ping = topic("ping", { payload: t.Number() });
const pong = topic("pong", { payload: t.Number() });
const answer = on(ping, ({ payload, publish }) => publish(pong, payload));

describe("a handler that hangs", () => {
  test("is given up after its timeout, told by its signal, and its message kept", async () => {
    const reasons: unknown[] = [];
    const hang = on(
      topic("hang"),
      async ({ signal }) => {
        signal.addEventListener("abort", () => reasons.push(signal.reason.code));
        await new Promise(() => {});
      },
      { timeout: 30, concurrency: 1 },
    );
    await using bridge = await startBridge({ handlers: [hang, answer] });
    for (const at of [1, 2]) await bridge.send(topic("hang"), at);
    await bridge.send(ping, 1);
    expect((await bridge.expectMessage(pong)).payload).toBe(1);
    await bridge.settled();
    expect(bridge.deadLetters).toMatchObject([
      { code: "handler_timeout", attempts: 1 },
      { code: "handler_timeout", attempts: 1 },
    ]);
    expect(reasons).toEqual(["handler_timeout", "handler_timeout"]);
    expect(bridge.log.join("\n")).toContain("the handler hang took longer than 30 ms");
  });

  test("cannot publish after its time: no late answer follows that of a retry", async () => {
    const late = Promise.withResolvers<void>();
    const results: unknown[] = [];
    const slow = on(
      ping,
      async ({ payload, publish, attempt }) => {
        if (attempt === 1) await late.promise;
        await publish(pong, payload + attempt).catch((error) => results.push(error.code));
      },
      { timeout: 30, retries: { times: 1, delay: 1 } },
    );
    await using bridge = await startBridge({ handlers: [slow] });
    await bridge.send(ping, 10);
    await bridge.settled();
    await bridge.advance(10);
    expect((await bridge.expectMessage(pong)).payload).toBe(12);
    late.resolve();
    await bridge.settled();
    expect(results).toEqual(["run_ended"]);
    expect(bridge.messages).toHaveLength(1);
  });
});

describe("a handler that answers its own answers", () => {
  test("is stopped after some hops, and what goes on is said", async () => {
    let runs = 0;
    const loop = on(topic("loop"), async ({ payload, publish }) => {
      runs += 1;
      await publish(topic("loop"), payload);
    });
    const options = { hopsMax: 4 };
    await using bridge = await startBridge({ handlers: [loop, answer], options });
    await bridge.send(topic("loop"), { at: 1 });
    await bridge.settled();
    expect(runs).toBe(5);
    expect(bridge.deadLetters).toMatchObject([{ code: "handler_loop", attempts: 1 }]);
    await bridge.send(ping, 1);
    await bridge.expectMessage(pong);
  });

  test("in a circle of two is stopped as well", async () => {
    let runs = 0;
    const toOther = (from: string, to: string) =>
      on(topic(from), async ({ payload, publish }) => {
        runs += 1;
        await publish(topic(to), payload);
      });
    const handlers = [toOther("one", "two"), toOther("two", "one")];
    await using bridge = await startBridge({ handlers });
    await bridge.send(topic("one"), 1);
    await bridge.settled();
    expect(runs).toBe(17);
    expect(bridge.deadLetters).toMatchObject([{ code: "handler_loop" }]);
  });

  test("with noLocal is spared them; others are not, and a device's are its own", async () => {
    const counts = { local: 0, other: 0 };
    const local = on(
      topic("loop"),
      async ({ payload, publish }) => {
        counts.local += 1;
        await publish(topic("loop"), payload);
      },
      { noLocal: true },
    );
    const other = on(topic("loop"), () => {
      counts.other += 1;
    });
    await using bridge = await startBridge({ handlers: [local, other] });
    for (const at of [1, 1, 2]) await bridge.send(topic("loop"), at);
    await bridge.settled();
    expect(counts).toEqual({ local: 3, other: 6 });
  });
});

test("a handler that computes without a pause is named, and the others go on", async () => {
  const busy = on(topic("busy"), () => {
    const endMs = performance.now() + 900;
    while (performance.now() < endMs);
  });
  await using bridge = await startBridge({ handlers: [busy, answer] });
  await bridge.send(topic("busy"), 1);
  await bridge.send(ping, 1);
  await bridge.expectMessage(pong, { within: 5_000 });
  const isTold = () => bridge.log.some((line) => /nothing could run for .*: busy/.test(line));
  while (!isTold()) await new Promise((resolve) => setTimeout(resolve, 20));
});

test("a key that throws is the handler's failure", async () => {
  const handler = on(topic("work"), () => {}, {
    key: ({ payload }) => (payload as { id: string }).id.trim(),
  });
  await using bridge = await startBridge({ handlers: [handler, answer] });
  await bridge.send(topic("work"), {});
  await bridge.send(ping, 1);
  await bridge.expectMessage(pong);
  expect(bridge.deadLetters).toMatchObject([{ handler: "work", code: "handler_failed" }]);
});
