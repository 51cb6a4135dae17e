// A bridge of a group that stops: it keeps its session, or leaves, so that the others get what is
// new and nothing waits for its return.

import { expect, test } from "bun:test";
import { on } from "../../src/topics/handler.ts";
import { topic } from "../../src/topics/topic.ts";
import { startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { describeIf } from "../kit/suites.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

const job = topic("jobs/{name}", { content: "text" });
/** Room for few messages: most of those for one bridge wait at the broker. */
const INBOX = 5;

const LEAVING = ["--leave-group"];

/** A bridge of the group; its handler waits for the gate, then notes the message. */
async function startMember(
  port: number,
  clientId: string,
  options: { gate?: Promise<void>; flags?: readonly string[] } = {},
) {
  const texts: string[] = [];
  const changes = createChanges();
  const handler = on(job, async ({ payload }) => {
    await options.gate;
    texts.push(payload);
    changes.announce();
  });
  const broker = ["--broker", `mqtt://127.0.0.1:${port}`, "--group", "workers"];
  const own = ["--client-id", clientId, "--inbox-messages-max", String(INBOX)];
  const flags = [...broker, ...own, ...(options.flags ?? [])];
  const bridge = await startBridge({ flags, handlers: [handler] });
  await bridge.app.link.connected();
  const waitForCount = (count: number) =>
    changes.wait(
      () => texts.length >= count || undefined,
      WAIT_TIMEOUT_MS,
      () => new Error(`${texts.length} of ${count} jobs`),
    );
  return { bridge, texts, waitForCount };
}

async function sendJobs(device: Device, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at++) await device.send(`jobs/${at}`, String(at));
}

describeIf("mosquitto", "a bridge that leaves its group", () => {
  test("does what the broker had queued for it, and gets nothing new", async () => {
    await using mosquitto = await startMosquitto();
    const gate = Promise.withResolvers<void>();
    const one = await startMember(mosquitto.port, "one", { gate: gate.promise, flags: LEAVING });
    const other = await startMember(mosquitto.port, "other");
    await using _other = other.bridge;
    await using device = await connectDevice(mosquitto.port);
    await sendJobs(device, 0, 40);
    const closing = one.bridge[Symbol.asyncDispose]();
    await one.bridge.waitForLine(/left the group 'workers'/);
    await sendJobs(device, 40, 60);
    gate.resolve();
    await closing;
    await other.waitForCount(40);
    expect(one.texts).toHaveLength(20);
    expect(other.texts).toHaveLength(40);
    expect(new Set([...one.texts, ...other.texts]).size).toBe(60);
  });

  test("has its share again when it is back, and no message twice", async () => {
    await using mosquitto = await startMosquitto();
    await using folder = await makeFolder();
    const flags = ["--data", folder.path, ...LEAVING];
    const first = await startMember(mosquitto.port, "one", { flags });
    await first.bridge[Symbol.asyncDispose]();
    await using device = await connectDevice(mosquitto.port);
    await sendJobs(device, 0, 5);
    const again = await startMember(mosquitto.port, "one", { flags });
    await using _again = again.bridge;
    await sendJobs(device, 5, 10);
    await again.waitForCount(5);
    expect(first.texts).toEqual([]);
    expect(again.texts.toSorted()).toEqual(["5", "6", "7", "8", "9"]);
  });

  test("waits no longer than it may for a handler that hangs", async () => {
    await using mosquitto = await startMosquitto();
    const gate = Promise.withResolvers<void>();
    const flags = ["--stop-timeout", "50", ...LEAVING];
    const one = await startMember(mosquitto.port, "one", { gate: gate.promise, flags });
    await using device = await connectDevice(mosquitto.port);
    await sendJobs(device, 0, 1);
    await one.bridge.waitForLine(/jobs\/0 -> /);
    await one.bridge[Symbol.asyncDispose]();
    await one.bridge.waitForLine(/handlers still run after 50 ms/);
    expect(one.texts).toEqual([]);
    gate.resolve();
  });
});

describeIf("mosquitto", "the only bridge of a group", () => {
  test("gets what was sent while it was stopped when it is back", async () => {
    await using mosquitto = await startMosquitto();
    const first = await startMember(mosquitto.port, "one");
    await first.bridge[Symbol.asyncDispose]();
    await using device = await connectDevice(mosquitto.port);
    await sendJobs(device, 0, 5);
    const again = await startMember(mosquitto.port, "one");
    await using _again = again.bridge;
    await again.waitForCount(5);
    expect(again.texts.toSorted()).toEqual(["0", "1", "2", "3", "4"]);
  });
});
