// Devices that send faster than the handlers work are slowed down: nothing piles up or is lost.

import { expect, test } from "bun:test";
import { on } from "../../src/topics/handler.ts";
import { t, topic } from "../../src/topics/topic.ts";
import { startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { describeIf } from "../kit/suites.ts";

const work = topic("work", { payload: t.Object({ at: t.Number() }) });
const ROOM = 10;

test("the embedded broker acknowledges no more than the handlers have room for", async () => {
  const gate = Promise.withResolvers<void>();
  let handled = 0;
  const handler = on(work, async () => {
    await gate.promise;
    handled += 1;
  });
  const flags = ["--inbox-messages-max", String(ROOM)];
  await using bridge = await startBridge({ flags, handlers: [handler] });
  await using device = await connectDevice(bridge.mqttPort, "other");
  let acknowledged = 0;
  const sending = (async () => {
    for (let at = 0; at < 5 * ROOM; at++) {
      await device.send("work", { at });
      acknowledged += 1;
    }
  })();
  // A topic without a handler is not held back: many of its messages go by meanwhile.
  await using other = await connectDevice(bridge.mqttPort, "other");
  for (let turn = 0; turn < 10 * ROOM; turn++) await other.send("other", { turn });
  const acknowledgedMeanwhile = acknowledged;
  gate.resolve();
  await sending;
  expect(acknowledgedMeanwhile).toBeGreaterThan(0);
  expect(acknowledgedMeanwhile).toBeLessThanOrEqual(ROOM + 2);
  await bridge[Symbol.asyncDispose]();
  expect(handled).toBe(5 * ROOM);
});

describeIf("mosquitto", "with an external broker", () => {
  test("what a handler published is the topic's last value", async () => {
    await using mosquitto = await startMosquitto();
    const flags = ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`];
    const answer = topic("answer", { content: "text" });
    const handler = on(work, ({ publish }) => publish(answer, "done"));
    await using bridge = await startBridge({ flags, handlers: [handler] });
    await bridge.app.link.connected();
    await using device = await connectDevice(mosquitto.port, "answer");
    await device.send("work", { at: 1 });
    await device.waitForCount(1);
    await bridge.waitForLine(/answer <- done/);
    expect(await (await fetch(`${bridge.url}/topics/answer`)).text()).toBe("done");
  });
});
