// The history of the compiled binary, whose thread is a program of its own: what a kill, a clean
// stop and a damaged file leave of it, and that last values come from it.

import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { type BinaryBridge, startBinary } from "../kit/bridge.ts";
import { connectDevice, type Device } from "../kit/device.ts";

const TIMEOUT_MS = 30_000;

type Line = { readonly topic: string; readonly payload: string };

async function readAll(bridge: BinaryBridge, filter: string): Promise<string[]> {
  const query = `filter=${encodeURIComponent(filter)}&format=ndjson&order=oldest`;
  const text = await (await fetch(`${bridge.url}/history?${query}`)).text();
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => (JSON.parse(line) as Line).payload);
}

async function sendMany(device: Device, topic: string, from: number, count: number): Promise<void> {
  const texts = Array.from({ length: count }, (_, at) => String(from + at));
  await Promise.all(texts.map((text) => device.send(topic, text)));
}

/** Last values are read after the start: each answer is an event, after which it asks again. */
async function awaitValue(bridge: BinaryBridge, topic: string): Promise<Response> {
  for (;;) {
    const value = await fetch(`${bridge.url}/topics/${topic}`);
    if (value.status === 200) return value;
  }
}

test(
  "a kill leaves a readable history, and last values with the tags that they had",
  async () => {
    await using folder = await makeTemporaryFolder();
    const flags = ["--data", folder.path, "--history-payload-bytes-max", "100"];
    let tag: string | null = null;
    {
      await using bridge = await startBinary({ flags });
      await using device = await connectDevice(bridge.mqttPort);
      await device.send("kept/long", "x".repeat(500));
      await sendMany(device, "kept/count", 1, 500);
      expect(await readAll(bridge, "kept/count")).toHaveLength(500);
      tag = (await fetch(`${bridge.url}/topics/kept/count`)).headers.get("ETag");
      for (let at = 0; at < 2_000; at++) device.client.publish("more", String(at), { qos: 0 });
      await device.send("more", "last");
      await bridge.process.kill("SIGKILL");
    }
    await using bridge = await startBinary({ flags });
    const value = await awaitValue(bridge, "kept/count");
    expect([await value.text(), value.headers.get("ETag")]).toEqual(["500", tag]);
    const cut = await awaitValue(bridge, "kept/long");
    expect(await cut.text()).toBe("x".repeat(100));
    expect(cut.headers.get("MQTT-Payload-Cut")).toBe("true");
    expect(cut.headers.get("MQTT-Payload-Bytes")).toBe("500");
    expect(await readAll(bridge, "kept/count")).toHaveLength(500);
    // What came just before the kill is there as far as it was written, without a hole.
    const more = await readAll(bridge, "more");
    expect(more.filter((text) => text !== "last")).toEqual(
      Array.from({ length: Math.min(more.length, 2_000) }, (_, at) => String(at)),
    );
    expect(bridge.process.lines.filter((line) => /ERROR/.test(line))).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "a clean stop writes everything",
  async () => {
    await using folder = await makeTemporaryFolder();
    const flags = ["--data", folder.path];
    {
      await using bridge = await startBinary({ flags });
      await using device = await connectDevice(bridge.mqttPort);
      await sendMany(device, "clean", 1, 1_000);
      await bridge.process.kill("SIGTERM");
      expect(await bridge.process.ended).toBe(0);
    }
    await using bridge = await startBinary({ flags });
    expect(await readAll(bridge, "clean")).toHaveLength(1_000);
  },
  TIMEOUT_MS,
);

test(
  "a damaged history stops no bridge: it is told, kept, and another goes on",
  async () => {
    await using folder = await makeTemporaryFolder();
    const file = folder.pathOf("history.sqlite");
    await writeFile(file, "this was a history once");
    await using bridge = await startBinary({ flags: ["--data", folder.path] });
    await using device = await connectDevice(bridge.mqttPort);
    await device.send("a", "1");
    expect(await readAll(bridge, "a")).toEqual(["1"]);
    const told = /ERROR - .*history\.sqlite cannot be used: .*; recording to .*history-2\.sqlite/;
    await bridge.process.waitForLine(told);
    expect(await Bun.file(file).text()).toBe("this was a history once");
  },
  TIMEOUT_MS,
);
