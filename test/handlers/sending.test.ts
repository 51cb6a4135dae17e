// What a handler sends is part of its work, whether it waits for it or not; and what it is given is
// its own.

import { describe, expect, test } from "bun:test";
import { startBridge } from "../../src/testing.ts";
import { on, t, topic } from "../../src/topics/language.ts";
import { startBridge as startWholeBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { describeIf } from "../kit/suites.ts";

const work = topic("work/{id}", { payload: t.Object({ at: t.Number() }) });
const strict = topic("strict", { payload: t.Number() });
const WRONG = "x" as unknown as number;
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("a publish that fails", () => {
  test("and that nobody awaits is the handler's failure, however early it fails", async () => {
    const early = on(topic("early"), async ({ publish }) => {
      void publish(strict, WRONG);
      await nextTurn();
      await nextTurn();
    });
    const late = on(topic("late"), ({ publish }) => void publish(strict, WRONG));
    const asking = on(
      topic("asking"),
      ({ request }) => void request(topic("none"), 1, { timeout: 5 }),
    );
    await using bridge = await startBridge({ handlers: [early, late, asking] });
    for (const name of ["early", "late", "asking"]) await bridge.send(topic(name), 1);
    await bridge.settled();
    const reasons = bridge.deadLetters.map(({ handler, reason }) => [handler, reason]);
    expect(new Map(reasons as [string, string][])).toEqual(
      new Map([
        ["early", expect.stringContaining("expected number")],
        ["late", expect.stringContaining("expected number")],
        ["asking", expect.stringContaining("'none'")],
      ]),
    );
  });

  test("and that the handler has caught is its own affair, awaited or by callback", async () => {
    const caught = on(topic("caught"), async ({ publish }) => {
      publish(strict, WRONG).catch(() => {});
      await publish(strict, WRONG).catch(() => {});
      await Promise.allSettled([publish(strict, WRONG)]);
      try {
        await publish(strict, WRONG);
      } catch {
        // Its own affair.
      }
    });
    await using bridge = await startBridge({ handlers: [caught] });
    await bridge.send(topic("caught"), 1);
    await bridge.settled();
    expect(bridge.deadLetters).toEqual([]);
  });
});

describe("whatever a handler throws", () => {
  test("is a failure of that message and of nothing else", async () => {
    const getter = Object.defineProperty(new Error(), "message", {
      get() {
        throw new Error("no words");
      },
    });
    const odd = [Object.create(null), undefined, null, Symbol("s"), getter, { toString: null }];
    const throwing = on(strict, ({ payload }) => {
      throw odd[payload];
    });
    await using bridge = await startBridge({ handlers: [throwing] });
    for (const at of odd.keys()) await bridge.send(strict, at);
    await bridge.settled();
    expect(bridge.deadLetters).toHaveLength(odd.length);
  });
});

describe("what a handler is given", () => {
  test("is the same at a retry, whatever the failed attempt did to it", async () => {
    const seen: unknown[] = [];
    const handler = on(
      work,
      ({ payload, params, attempt }) => {
        seen.push({ ...payload, ...params });
        (payload as { at: number }).at += 1;
        expect(() => Object.assign(params, { id: "other" })).toThrow();
        if (attempt < 3) throw new Error("again");
      },
      { retries: { times: 2, delay: 1 } },
    );
    await using bridge = await startBridge({ handlers: [handler] });
    await bridge.send(work, { id: "a" }, { at: 1 });
    await bridge.advance(100);
    expect(seen).toEqual([1, 2, 3].map(() => ({ at: 1, id: "a" })));
  });

  test("is not what another handler is given: bytes that one changes are its own", async () => {
    const bytes = topic("bytes", { content: "bytes" });
    const seen: string[] = [];
    const turn = on(bytes, ({ payload }) => {
      seen.push(Buffer.from(payload.reverse()).toString());
    });
    const read = on(bytes, ({ payload, message }) => {
      seen.push(`${Buffer.from(payload)} ${message.payload}`);
    });
    await using bridge = await startBridge({ handlers: [turn, read] });
    await bridge.send(bytes, Buffer.from("abc"));
    await bridge.settled();
    expect(seen).toEqual(["cba", "abc abc"]);
  });
});

describe("a loop that branches", () => {
  test("ends as well, and is told once", async () => {
    let runs = 0;
    const branching = on(topic("branch"), async ({ publish, payload }) => {
      runs += 1;
      await Promise.all([publish(topic("branch"), payload), publish(topic("branch"), payload)]);
    });
    const options = { familyMax: 200 };
    await using bridge = await startBridge({ handlers: [branching], options });
    await bridge.send(topic("branch"), 1);
    await bridge.settled();
    expect(runs).toBeGreaterThan(100);
    expect(runs).toBeLessThanOrEqual(201);
    expect(bridge.deadLetters).toMatchObject([
      { code: "handler_loop", reason: "200 messages have come of one" },
    ]);
  });

  test("is told also when nobody awaits its publishes", async () => {
    const careless = on(topic("careless"), async ({ publish, payload }) => {
      void publish(topic("careless"), payload);
      await nextTurn();
    });
    await using bridge = await startBridge({ handlers: [careless] });
    await bridge.send(topic("careless"), 1);
    await bridge.settled();
    expect(bridge.deadLetters).toMatchObject([{ code: "handler_loop" }]);
  });
});

describeIf("mosquitto", "noLocal", () => {
  test("does not take a device's message for an equal one of our own that never left", async () => {
    await using mosquitto = await startMosquitto();
    const seen: unknown[] = [];
    const handlers = [
      on(topic("state"), ({ payload }) => void seen.push(payload), { noLocal: true }),
      on(topic("done"), ({ payload }) => void seen.push(payload)),
    ];
    const flags = ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`, "--publish-timeout", "50"];
    await using bridge = await startWholeBridge({ handlers, flags });
    await bridge.app.link.connected();
    await mosquitto.kill("SIGKILL");
    const failed = await fetch(`${bridge.url}/topics/state`, { method: "PUT", body: "1" });
    expect(failed.status).toBe(503);
    await mosquitto.restart();
    await bridge.waitForLine(/connected to .*\n?.*/);
    await bridge.app.link.connected();
    await using device = await connectDevice(mosquitto.port);
    await device.send("state", 1);
    await device.send("done", 2);
    while (seen.length < 2) await nextTurn();
    expect(seen).toEqual([1, 2]);
  });
});

test("a dead letter that is written while the bridge stops is on disk before its end", async () => {
  let runs = 0;
  const failing = on(topic("work"), () => {
    runs += 1;
    throw new Error("no");
  });
  const bridge = await startBridge({ handlers: [failing] });
  await bridge.send(topic("work"), 1);
  await bridge[Symbol.asyncDispose]();
  expect(runs).toBe(1);
  expect(bridge.log.join("\n")).toContain("It is dead letter 1");
});

test("what waits for its retry when the embedded broker stops is a dead letter", async () => {
  const failing = on(
    topic("work"),
    () => {
      throw new Error("not now");
    },
    { retries: { times: 5, delay: 60_000 } },
  );
  const bridge = await startBridge({ handlers: [failing] });
  await bridge.send(topic("work"), 1);
  await bridge.settled();
  await bridge[Symbol.asyncDispose]();
  expect(bridge.log.join("\n")).toMatch(/not now. It is dead letter 1/);
});
