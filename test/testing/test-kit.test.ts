// The public test kit, used as a handler's author would use it.

import { describe, expect, expectTypeOf, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBridge } from "../../src/testing.ts";
import { on, t, topic } from "../../src/viaduto.ts";

const state = topic("devices/{id}/state", { payload: t.Object({ level: t.Number() }) });
const alarm = topic("alarms/{id}", { payload: t.Object({ text: t.String() }) });

const watchLevel = on(state, async ({ params, payload, publish }) => {
  if (payload.level > 90) await publish(alarm, { id: params.id }, { text: `${payload.level} %` });
});

describe("the test kit", () => {
  test("sends to a handler and sees what it publishes, typed by the topic", async () => {
    await using bridge = await startBridge({ handlers: [watchLevel] });
    await bridge.send(state, { id: "tank-7" }, { level: 95 });
    const { payload, params, topic: name } = await bridge.expectMessage(alarm);
    expectTypeOf(payload).toEqualTypeOf<{ text: string }>();
    expectTypeOf(params).toEqualTypeOf<{ readonly id: string }>();
    expect({ payload, name, ...params }).toEqual({
      payload: { text: "95 %" },
      name: "alarms/tank-7",
      id: "tank-7",
    });
    // @ts-expect-error: a level is a number.
    const wrong = bridge.send(state, { id: "tank-7" }, { level: "high" });
    await expect(wrong).rejects.toMatchObject({ code: "payload_invalid" });
  });

  test("gives each message once, by filter as well", async () => {
    await using bridge = await startBridge({ handlers: [watchLevel] });
    for (const level of [91, 92]) await bridge.send(state, { id: "a" }, { level });
    expect((await bridge.expectMessage("alarms/#")).payload).toEqual({ text: "91 %" });
    expect((await bridge.expectMessage("alarms/+")).payload).toEqual({ text: "92 %" });
    expect(bridge.messages).toHaveLength(2);
  });

  test("says what it saw when the message does not come", async () => {
    await using bridge = await startBridge({ handlers: [watchLevel] });
    await bridge.send(topic("devices/a/state"), { level: "high" });
    await bridge.settled();
    const missed = bridge.expectMessage(alarm, { within: 20 });
    await expect(missed).rejects.toThrow(
      "no message on 'alarms/+' within 20 ms; seen: nothing; dead letters: 1, " +
        "the last on 'devices/a/state': /level: expected number",
    );
  });

  test("does not see what it sent itself, though a handler may publish the same", async () => {
    const echo = on(topic("in"), ({ payload, publish }) => publish(topic("out"), payload));
    await using bridge = await startBridge({ handlers: [echo] });
    await bridge.send(topic("in"), 1);
    await bridge.expectMessage("out");
    expect(bridge.messages.map((message) => message.topic)).toEqual(["out"]);
  });

  test("moves the time of retries", async () => {
    let runs = 0;
    const failing = on(
      topic("work"),
      () => {
        runs += 1;
        throw new Error("no");
      },
      { retries: { times: 3, delay: 60_000, maxDelay: 3_600_000 } },
    );
    await using bridge = await startBridge({ handlers: [failing] });
    await bridge.send(topic("work"), {});
    await bridge.settled();
    expect(runs).toBe(1);
    await bridge.advance(60_000);
    expect(runs).toBe(2);
    expect(bridge.deadLetters).toEqual([]);
    await bridge.advance(3_600_000);
    expect(runs).toBe(4);
    expect(bridge.deadLetters).toMatchObject([{ attempts: 4, code: "handler_failed" }]);
  });

  test("asks as a device would", async () => {
    const square = topic("square", { payload: t.Number(), reply: t.Number() });
    await using bridge = await startBridge({
      handlers: [on(square, ({ payload }) => payload * payload)],
    });
    const answer = await bridge.request(square, 7);
    expectTypeOf(answer).toEqualTypeOf<number>();
    expect(answer).toBe(49);
  });

  test("replays a recording, and names the line that is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "viaduto-replay-"));
    const file = join(folder, "recorded.ndjson");
    const lines = [
      { time: "2026-11-22T10:00:00Z", topic: "devices/a/state", payload: '{"level":99}', qos: 1 },
      { topic: "devices/b/state", payload: { level: 100 } },
      { topic: "devices/c/state", payload: btoa('{"level":91}'), payload_encoding: "base64" },
    ];
    await Bun.write(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    await using bridge = await startBridge({ handlers: [watchLevel] });
    expect(await bridge.replay(file)).toBe(3);
    for (const id of ["a", "b", "c"]) {
      expect((await bridge.expectMessage(alarm)).params.id).toBe(id);
    }
    await Bun.write(file, '{"topic":"a"}\n\n{"payload":1}\n');
    await expect(bridge.replay(file)).rejects.toThrow(
      "recorded.ndjson:3 cannot be read: it has no topic",
    );
    await rm(folder, { recursive: true });
  });

  test("shows the log, and takes the options of the command line", async () => {
    const options = { origin: "plant", logLevel: "debug" } as const;
    await using bridge = await startBridge({ handlers: [watchLevel], options });
    await bridge.send(state, { id: "a" }, { level: 99 });
    await bridge.expectMessage(alarm);
    expect(bridge.log.join("\n")).toContain('devices/a/state -> {"level":99}');
    await expect(startBridge({ handlers: [], options: { concurrency: 0 } })).rejects.toThrow(
      "concurrency is '0' (from viaduto(…))",
    );
  });
});
