// How the bridge in somebody's own app lives: its deadlines, its end, its next start.

import { describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { openBridge } from "../../src/app/bridge.ts";
import { createLazyBridge } from "../../src/app/lazy-bridge.ts";
import { toSettings } from "../../src/config/read.ts";
import { createLogger } from "../../src/lib/log.ts";
import { NO_MATCHING_SUBSCRIBERS } from "../../src/topics/message.ts";
import { on, t, topic, type ViadutoOptions, viaduto } from "../../src/viaduto.ts";
import { createLogLines } from "../kit/log-lines.ts";

const count = topic("count", { payload: t.Number() });
const QUIET = { data: ":memory:", logLevel: "error", will: "off", wsPort: "off" } as const;
const LOOPBACK = { hostname: "127.0.0.1", port: 0 } as const;
/** Nothing listens there. */
const AWAY = { ...QUIET, broker: "mqtt://127.0.0.1:1" } as const;

const createPlugin = (options: ViadutoOptions = {}) =>
  viaduto({ ...QUIET, mqttPort: 0, ...options });

describe("a publish of an app while the broker is away", () => {
  test("ends with publish_timeout: after its own timeout, or else that of the bridge", async () => {
    const { mqtt } = viaduto({ ...AWAY, publishTimeoutMs: 30 }).decorator;
    const late = { code: "publish_timeout", facts: { topic: "count" } };
    const patient = mqtt.publish(count, 1, { timeout: 60_000 });
    await expect(mqtt.publish(count, 1)).rejects.toMatchObject({
      ...late,
      facts: { timeoutMs: 30 },
    });
    await expect(mqtt.publish(count, 1, { timeout: 20 })).rejects.toMatchObject({
      ...late,
      facts: { timeoutMs: 20 },
    });
    expect(Bun.peek.status(patient)).toBe("pending");
    await mqtt.stop();
    await expect(patient).rejects.toMatchObject({ code: "link_closed" });
  });

  test("ends at once with outbox_full when too many wait already", async () => {
    const { mqtt } = viaduto({ ...AWAY, outboxMessagesMax: 2 }).decorator;
    const waiting = [1, 2].map((value) => mqtt.publish(count, value));
    await expect(mqtt.publish(count, 3)).rejects.toMatchObject({ code: "outbox_full" });
    await mqtt.stop();
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("an app", () => {
  test.each([
    ["itself", () => new Elysia().use(createPlugin()).use(createPlugin())],
    [
      "its parts",
      () => {
        const [one, two] = [new Elysia().use(createPlugin()), new Elysia().use(createPlugin())];
        return new Elysia().use(one).use(two);
      },
    ],
  ])("with two bridges in %s does not start", async (_, create) => {
    const app = create();
    expect(() => app.listen(LOOPBACK)).toThrow("viaduto(…) was called twice");
    await app.stop(true);
    expect(app.decorator.mqtt.state()).toBe("closed");
  });

  test("may use one bridge in several of its parts", async () => {
    const seen: number[] = [];
    const plugin = createPlugin({
      handlers: [on(count, ({ payload }) => void seen.push(payload))],
    });
    const part = (name: string) => {
      return new Elysia().use(plugin).get(name, async ({ mqtt }) => {
        await mqtt.publish(count, 1);
        return "done";
      });
    };
    const app = new Elysia()
      .use(part("/a"))
      .use(part("/b"))
      .group("/c", (inner) => inner.use(plugin))
      .listen(LOOPBACK);
    for (const path of ["a", "b"]) {
      expect(await (await fetch(`${app.server?.url}${path}`)).text()).toBe("done");
    }
    await app.stop(true);
    expect(seen).toEqual([1, 1]);
  });

  test("that listens again after its stop has a bridge again, and none in between", async () => {
    const app = new Elysia().use(createPlugin());
    const { mqtt } = app.decorator;
    const bridges = new Set<object>();
    for (const _ of [1, 2, 3]) {
      app.listen(LOOPBACK);
      bridges.add(await mqtt.start());
      expect(await mqtt.publish(count, 1)).toEqual({ reasonCode: NO_MATCHING_SUBSCRIBERS });
      await app.stop(true);
      expect(mqtt.state()).toBe("closed");
      await expect(mqtt.publish(count, 1)).rejects.toMatchObject({ code: "link_closed" });
    }
    expect(bridges.size).toBe(3);
  });
});

test("a bridge that cannot be closed cleanly is told in the log", async () => {
  const { writer, waitForLine } = createLogLines();
  const log = createLogger({ name: "T", level: "error", format: "text", colour: false, writer });
  const settings = toSettings({ ...QUIET, mqttPort: 0 });
  const bridge = createLazyBridge(async () => {
    const opened = await openBridge({ settings, log });
    const dispose = async () => {
      await opened[Symbol.asyncDispose]();
      throw new Error("the disk is full");
    };
    return { ...opened, [Symbol.asyncDispose]: dispose };
  }, log);
  await bridge.start();
  await bridge.stop();
  await waitForLine(/ERROR - the disk is full/);
  expect(bridge.state()).toBe("closed");
});
