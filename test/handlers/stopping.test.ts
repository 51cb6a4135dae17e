// What becomes of running handlers when the bridge stops.

import { describe, expect, test } from "bun:test";
import { on } from "../../src/topics/handler.ts";
import { t, topic } from "../../src/topics/topic.ts";
import { startBridge } from "../kit/bridge.ts";
import { connectDevice } from "../kit/device.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";

const anything = { payload: t.Object({ at: t.Number() }) };

describe("stopping", () => {
  const slow = (signals: string[], gate: Promise<void>) =>
    on(topic("work", anything), async ({ signal, publish, payload }) => {
      signal.addEventListener("abort", () => signals.push("aborted"));
      signals.push("started");
      await gate;
      await publish(topic("answers/slow", anything), payload);
      signals.push("finished");
    });

  test("waits for the handlers that run, and sends what they still publish", async () => {
    const signals: string[] = [];
    const gate = Promise.withResolvers<void>();
    const bridge = await startBridge({ handlers: [slow(signals, gate.promise)] });
    const device = await connectDevice(bridge.mqttPort, "answers/#");
    await device.send("work", { at: 1 });
    await bridge.waitForLine(/work -> /);
    const closing = bridge[Symbol.asyncDispose]();
    gate.resolve();
    await Promise.all([closing, device.waitForCount(1)]);
    expect(signals).toEqual(["started", "finished"]);
    await device[Symbol.asyncDispose]();
  });

  test("does not wait for ever: a handler that hangs is told by its signal", async () => {
    const signals: string[] = [];
    const never = new Promise<void>(() => {});
    const flags = ["--stop-timeout", "50"];
    const bridge = await startBridge({ flags, handlers: [slow(signals, never)] });
    await using device = await connectDevice(bridge.mqttPort);
    await device.send("work", { at: 1 });
    await bridge.waitForLine(/work -> /);
    await bridge[Symbol.asyncDispose]();
    expect(signals).toEqual(["started", "aborted"]);
  });

  test("acknowledges nothing that was cut short or had not begun", async () => {
    await using broker = await startScriptedBroker();
    const obedient = on(
      topic("work", anything),
      ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", reject)),
    );
    const flags = ["--broker", `mqtt://127.0.0.1:${broker.port}`, "--stop-timeout", "50"];
    const bridge = await startBridge({ flags, handlers: [obedient] });
    const connection = await broker.next();
    await connection.accept();
    const work = { cmd: "publish", topic: "work", payload: '{"at":1}', qos: 1 } as const;
    for (const messageId of [1, 2, 3]) {
      connection.send({ ...work, messageId, dup: false, retain: false });
    }
    await bridge.waitForLine(/work -> /);
    await bridge[Symbol.asyncDispose]();
    await connection.next("disconnect");
    expect(connection.waiting("puback")).toBe(0);
  });

  test("twice is fine", async () => {
    const bridge = await startBridge();
    await bridge[Symbol.asyncDispose]();
    await bridge[Symbol.asyncDispose]();
  });
});
