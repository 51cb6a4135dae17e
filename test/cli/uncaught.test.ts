// What a handler lets slip must not end the bridge; what we let slip must.

import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFromHandlers } from "../../src/cli/uncaught.ts";
import { startBinary } from "../kit/bridge.ts";
import { connectDevice } from "../kit/device.ts";

const HANDLERS = `
import { on, topic } from "viaduto";
export const floating = on(topic("slips/promise"), () => {
  void Promise.resolve().then(() => { throw new Error("nobody awaits me"); });
});
export const later = on(topic("slips/timer"), () => {
  setTimeout(() => { throw new RangeError("too late"); }, 1);
});
export const words = on(topic("slips/words"), () => { void Promise.reject("only words"); });
export const far = on(topic("slips/far"), () => { void fetch("http://127.0.0.1:1/"); });
export const asking = on(topic("slips/asking"), ({ request }) => {
  void request(topic("nobody"), 1, { timeout: 10 });
});
export default on(topic("ping"), ({ publish }) => publish(topic("pong"), 1));
`;

test("slips of handlers are told, and the bridge goes on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "viaduto-slips-"));
  await Bun.write(join(folder, "slips.ts"), HANDLERS);
  await using bridge = await startBinary({ flags: ["--handlers", folder] });
  await using device = await connectDevice(bridge.mqttPort, "pong");
  for (const [name, told] of [
    ["promise", /not caught, in a handler; the others go on: Error: nobody awaits me/],
    ["timer", /RangeError: too late/],
    ["words", /only words/],
    ["far", /not caught, in a handler; the others go on: .*connect/],
    ["asking", /nobody/],
  ] as const) {
    await device.send(`slips/${name}`, 1);
    await bridge.process.waitForLine(told);
  }
  await device.send("ping", 1);
  await device.waitForCount(1);
  expect(bridge.process.lines.join("\n")).not.toContain("defect");
  await rm(folder, { recursive: true });
});

test("what comes from our own code is a defect, and so is everything without a folder", () => {
  const ours = new Error("ours");
  expect(isFromHandlers(ours, "/srv/handlers")).toBe(false);
  const theirs = Object.assign(new Error(), { stack: "Error\n    at f (/srv/handlers/a.ts:1:2)" });
  expect(isFromHandlers(theirs, "/srv/handlers")).toBe(true);
  expect(isFromHandlers(theirs, undefined)).toBe(false);
  expect(isFromHandlers("words", "/srv/handlers")).toBe(true);
  expect(isFromHandlers("words", undefined)).toBe(false);
});
