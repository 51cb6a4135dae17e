// A group at the embedded broker: the bridge in its process is one of the replicas.

import { expect, test } from "bun:test";
import { on } from "../../src/topics/handler.ts";
import { topic } from "../../src/topics/topic.ts";
import { startBridge } from "../kit/bridge.ts";
import { connectDevice } from "../kit/device.ts";

const job = topic("jobs/{id}", { content: "text" });
const done = topic("done", { content: "text" });
const JOBS = 20;

/** A bridge of the group whose handler tells by whom the job was done. */
async function startReplica(name: string, flags: readonly string[] = []) {
  const work = on(job, async ({ params, publish }) => {
    await publish(done, `${params.id} by ${name}`);
  });
  const bridge = await startBridge({ flags: ["--group", "workers", ...flags], handlers: [work] });
  await bridge.app.link.connected();
  return bridge;
}

function countWords(texts: readonly string[], words: string): number {
  return texts.filter((text) => text.endsWith(words)).length;
}

test("one bridge alone subscribes with its group, and gets every message", async () => {
  await using bridge = await startReplica("one", ["--log-level", "debug"]);
  expect(bridge.app.link.state).toMatchObject({ kind: "connected", refusedFilters: [] });
  await bridge.waitForLine(/subscribed to .*\$share\/workers\/jobs\/\+/);
  await using device = await connectDevice(bridge.mqttPort, "done");
  for (let at = 0; at < JOBS; at++) await device.send(`jobs/${at}`, "");
  await device.waitForCount(JOBS);
  expect(
    countWords(
      device.received.map(({ text }) => text),
      "by one",
    ),
  ).toBe(JOBS);
});

test("two bridges share the messages, each once, and one that is left gets all", async () => {
  await using one = await startReplica("one");
  const broker = ["--broker", `mqtt://127.0.0.1:${one.mqttPort}`];
  const other = await startReplica("other", [...broker, "--leave-group"]);
  await using device = await connectDevice(one.mqttPort, "done");
  const texts = () => device.received.map(({ text }) => text);
  for (let at = 0; at < JOBS; at++) await device.send(`jobs/${at}`, "");
  await device.waitForCount(JOBS);
  expect(countWords(texts(), "by one")).toBe(JOBS / 2);
  expect(countWords(texts(), "by other")).toBe(JOBS / 2);
  await other[Symbol.asyncDispose]();
  for (let at = 0; at < JOBS; at++) await device.send(`jobs/${at}`, "");
  await device.waitForCount(JOBS * 2);
  expect(countWords(texts(), "by one")).toBe(JOBS * 1.5);
});
