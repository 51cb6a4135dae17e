// How handlers are run: once for each message, in order within a key, acknowledged at the end.

import { describe, expect, test } from "bun:test";
import { type AnyHandler, on } from "../../src/topics/handler.ts";
import { type Publish, t, topic } from "../../src/topics/topic.ts";
import { startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";
import { describeIf } from "../kit/suites.ts";

const anything = { payload: t.Object({ at: t.Number() }) };

/** A bridge on Mosquitto with these handlers, and a device there. */
async function setUp(handlers: readonly AnyHandler[], extra: readonly string[] = []) {
  await using stack = new AsyncDisposableStack();
  const mosquitto = stack.use(await startMosquitto({ maxInflight: 0, extra }));
  const flags = ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`, "--concurrency", "4"];
  const bridge = stack.use(await startBridge({ flags, handlers }));
  await bridge.app.link.connected();
  const device = stack.use(await connectDevice(mosquitto.port, "answers/#"));
  const owned = stack.move();
  return { bridge, device, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describeIf("mosquitto", "a message", () => {
  test("runs each of its handlers once, however the filters overlap", async () => {
    const answer = topic("answers/{by}", anything);
    const filters = ["plant/{line}/temperature", "plant/#", "+/1/temperature", "{all...}"];
    const handlers = filters.slice(0, 3).map((filter, by) =>
      on(topic(filter, anything), async ({ payload, publish }) => {
        await publish(answer, { by: `${by}` }, payload);
      }),
    );
    // Mosquitto delivers a message once for each subscription that matches, if we made several.
    await using setup = await setUp(handlers, ["allow_duplicate_messages true"]);
    for (let at = 0; at < 20; at++) await setup.device.send("plant/1/temperature", { at });
    await setup.device.send("plant/2/other", { at: 99 });
    await setup.device.waitForCount(61);
    const counts = new Map<string, number>();
    for (const { topic: by, text } of setup.device.received) {
      const key = `${by} ${text}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(new Set(counts.values())).toEqual(new Set([1]));
    expect(counts.size).toBe(61);
  });

  test("whose handler throws is told in the log, and the next one is handled", async () => {
    const answer = topic("answers/ok", anything);
    const handlers = [
      on(topic("work", anything), async ({ payload, publish }) => {
        if (payload.at === 1) throw new Error("no such sensor");
        await publish(answer, payload);
      }),
    ];
    await using setup = await setUp(handlers);
    await setup.device.send("work", { at: 1 });
    await setup.device.send("work", { at: 2 });
    await setup.device.waitForCount(1);
    expect(setup.device.received[0]?.text).toBe('{"at":2}');
    const line = await setup.bridge.waitForLine(/ERROR/);
    expect(line).toContain("the handler work failed on 'work': no such sensor");
  });

  test("whose handler publishes what does not fit fails there, and nothing leaves", async () => {
    const strict = topic("answers/{id}", anything);
    const handlers = [
      on(topic("work", anything), async ({ payload, publish }) => {
        const at = payload.at === 1 ? ("x" as unknown as number) : payload.at;
        await publish(strict, { id: payload.at === 2 ? "a/b" : "ok" }, { at });
      }),
    ];
    await using setup = await setUp(handlers);
    for (const at of [1, 2, 3]) await setup.device.send("work", { at });
    await setup.device.waitForCount(1);
    expect(setup.device.received.map(({ text }) => text)).toEqual(['{"at":3}']);
    await setup.bridge.waitForLine(/\/at: expected number, found "x"/);
    await setup.bridge.waitForLine(/the value 'a\/b' cannot stand for id/);
  });
});

describeIf("mosquitto", "handlers", () => {
  test("run side by side up to the limit, and in order within a key", async () => {
    let running = 0;
    let peak = 0;
    const ended: number[] = [];
    const handlers = [
      on(
        topic("work", anything),
        async ({ payload }) => {
          running += 1;
          peak = Math.max(peak, running);
          // Turns of the loop, a different number each time, so that keys overtake each other.
          for (let turn = (payload.at * 7) % 5; turn >= 0; turn--) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          running -= 1;
          ended.push(payload.at);
        },
        { key: ({ payload }) => `${payload.at % 10}` },
      ),
      on(topic("last", anything), async ({ payload, publish }) => {
        await publish(topic("answers/last", anything), payload);
      }),
    ];
    await using setup = await setUp(handlers);
    const sends = Array.from({ length: 300 }, (_, at) => setup.device.send("work", { at }));
    await Promise.all(sends);
    await setup.device.send("last", { at: 0 });
    await setup.device.waitForCount(1);
    await setup.bridge[Symbol.asyncDispose]();
    expect(ended).toHaveLength(300);
    expect(peak).toBe(4);
    for (let key = 0; key < 10; key++) {
      const order = ended.filter((at) => at % 10 === key);
      expect(order).toEqual(order.toSorted((one, other) => one - other));
    }
  });
});

test("a message is acknowledged after what its handler published is, awaited or not", async () => {
  const answer = topic("answers/one", anything);
  const handlers = [
    on(topic("work", anything), ({ publish, payload }) => void publish(answer, payload)),
  ];
  await using broker = await startScriptedBroker();
  await using bridge = await startBridge({
    flags: ["--broker", `mqtt://127.0.0.1:${broker.port}`, "--will", "off"],
    handlers,
  });
  const connection = await broker.next();
  await connection.accept();
  const work = { cmd: "publish", topic: "work", payload: '{"at":1}', qos: 1 } as const;
  connection.send({ ...work, messageId: 5, dup: false, retain: false });
  const { messageId = 0 } = await connection.next("publish");
  // The handler has long returned. What the bridge sent before this, would have come before it.
  await fetch(`${bridge.url}/topics/later?qos=0`, { method: "PUT", body: "x" });
  expect((await connection.next("publish")).topic).toBe("later");
  expect(connection.waiting("puback")).toBe(0);
  connection.send({ cmd: "puback", messageId });
  expect((await connection.next("puback")).messageId).toBe(5);
});

describe("two handlers on one topic", () => {
  test("do not wait for each other", async () => {
    const never = new Promise(() => {});
    const work = topic("work", anything);
    const handlers = [
      on(work, () => never),
      on(work, ({ publish, payload }) => publish(topic("answers/fast", anything), payload)),
    ];
    await using bridge = await startBridge({ flags: ["--stop-timeout", "10"], handlers });
    await using device = await connectDevice(bridge.mqttPort, "answers/#");
    for (const at of [1, 2, 3]) await device.send("work", { at });
    await device.waitForCount(3);
  });
});

test("a key that throws is the handler's failure, by its name; others go on", async () => {
  const options = {
    key: ({ payload }: { payload: { at: number } }) => {
      if (payload.at === 1) throw new Error("no key in it");
      return "key";
    },
  };
  const answer = topic("answers/ok", anything);
  const run = ({ publish, payload }: { publish: Publish; payload: { at: number } }) =>
    publish(answer, payload);
  await using bridge = await startBridge({ handlers: [on(topic("work", anything), run, options)] });
  await using device = await connectDevice(bridge.mqttPort, "answers/#");
  for (const at of [1, 2]) await device.send("work", { at });
  await device.waitForCount(1);
  await bridge.waitForLine(/ERROR - the handler work failed on 'work': no key in it/);
});

test("a refused publish that the handler caught is no failure of the handler", async () => {
  const strict = topic("answers/{id}", anything);
  const handler = on(topic("work", anything), async ({ publish, payload }) => {
    await publish(strict, { id: "a/b" }, payload).catch(() =>
      publish(strict, { id: "c" }, payload),
    );
  });
  await using bridge = await startBridge({ handlers: [handler] });
  await using device = await connectDevice(bridge.mqttPort, "answers/#");
  await device.send("work", { at: 1 });
  await device.waitForCount(1);
  await bridge.waitForLine(/WARN - the value 'a\/b'/);
  expect(bridge.lines.join("\n")).not.toContain("failed");
});
