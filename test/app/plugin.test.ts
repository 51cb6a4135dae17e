// The bridge as a library, in somebody's own Elysia app.

import { describe, expect, expectTypeOf, test } from "bun:test";
import { Elysia } from "elysia";
import { type Mqtt, on, t, topic, viaduto } from "../../src/viaduto.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { withFreePorts } from "../kit/ports.ts";
import { describeIf } from "../kit/suites.ts";

const light = topic("rooms/{room}/light", { payload: t.Object({ on: t.Boolean() }) });
const state = topic("rooms/{room}/state", { payload: t.Object({ on: t.Boolean() }) });
const question = topic("questions", { payload: t.Number(), reply: t.Number() });

const handlers = [
  on(light, ({ params, payload, publish }) => publish(state, params, payload, { retain: true })),
  on(question, ({ payload }) => payload + 1),
];
const QUIET = { data: ":memory:", logLevel: "error", will: "off", wsPort: "off" } as const;

function createApp(options: Parameters<typeof viaduto>[0] = {}) {
  return new Elysia()
    .use(viaduto({ handlers, ...QUIET, ...options }))
    .put("/rooms/:room/light", async ({ params, mqtt }) => {
      expectTypeOf(mqtt).toEqualTypeOf<Mqtt>();
      await mqtt.publish(light, params, { on: true });
      return "done";
    })
    .get("/ask", async ({ mqtt }) => String(await mqtt.request(question, 41)))
    .get("/state", ({ mqtt }) => mqtt.state());
}

async function get(app: { server: unknown }, path: string, init?: RequestInit) {
  const { port } = app.server as { port: number };
  return fetch(`http://127.0.0.1:${port}${path}`, init);
}

describe("an app with the bridge in it", () => {
  test("starts it when it listens, with its own broker, and stops with it", async () => {
    await withFreePorts(1, async ([mqttPort = 0]) => {
      const app = createApp({ mqttPort }).listen({ hostname: "127.0.0.1", port: 0 });
      await app.decorator.mqtt.start();
      await using device = await connectDevice(mqttPort, "rooms/+/state");
      const answer = await get(app, "/rooms/kitchen/light", { method: "PUT" });
      expect(await answer.text()).toBe("done");
      await device.waitForCount(1);
      expect(device.received[0]).toMatchObject({
        topic: "rooms/kitchen/state",
        text: '{"on":true}',
      });
      expect(await (await get(app, "/ask")).text()).toBe("42");
      expect(await (await get(app, "/state")).text()).toBe("connected");
      await app.stop(true);
      expect(app.decorator.mqtt.state()).toBe("closed");
      await expect(connectDevice(mqttPort, "a", { reconnectPeriod: 0 })).rejects.toThrow();
    });
  });

  test("connects nothing before it listens, and at the first publish at the latest", async () => {
    const app = createApp({ mqttPort: 0 });
    expect(app.decorator.mqtt.state()).toBe("closed");
    const request = new Request("http://localhost/rooms/a/light", { method: "PUT" });
    expect(await (await app.handle(request)).text()).toBe("done");
    expect(app.decorator.mqtt.state()).toBe("connected");
    await app.decorator.mqtt.stop();
  });

  test("mounts the bridge's own routes where it is told, and nowhere else", async () => {
    const app = createApp({ mqttPort: 0, routes: "/bridge" });
    const open = (path: string, init?: RequestInit) => {
      return app.handle(new Request(`http://localhost${path}`, init));
    };
    expect((await open("/publish", { method: "POST" })).status).toBe(404);
    const put = await open("/bridge/topics/rooms/a/light", { method: "PUT", body: '{"on":false}' });
    expect(put.status).toBe(200);
    const value = await open("/bridge/topics/rooms/a/light");
    expect(await value.json()).toEqual({ on: false });
    expect(await (await open("/bridge/handlers")).json()).toMatchObject({
      handlers: [{ name: "rooms/{room}/light", received: 1 }, { name: "questions" }],
    });
    const wrong = await open("/bridge/publish", { method: "POST", body: "{" });
    expect(await wrong.json()).toMatchObject({ code: "body_invalid" });
    await app.decorator.mqtt.stop();
  });

  test("refuses a wrong option at once, and a start that fails rejects each publish", async () => {
    expect(() => viaduto({ mqttPort: 70_000 })).toThrow(
      "mqttPort is '70000' (from viaduto(…)), but must be",
    );
    await withFreePorts(1, async ([mqttPort = 0]) => {
      using _taken = Bun.serve({
        hostname: "127.0.0.1",
        port: mqttPort,
        fetch: () => new Response(),
      });
      const { mqtt } = createApp({ mqttPort }).decorator;
      const sent = mqtt.publish(light, { room: "a" }, { on: true });
      await expect(sent).rejects.toMatchObject({ code: "port_taken" });
      await mqtt.stop();
    });
  });
});

describeIf("mosquitto", "an app with an external broker", () => {
  test("publishes and handles through it", async () => {
    await using mosquitto = await startMosquitto();
    const app = createApp({ broker: `mqtt://127.0.0.1:${mosquitto.port}`, origin: "plant" });
    await using device = await connectDevice(mosquitto.port, "plant/rooms/+/state");
    const { mqtt } = app.decorator;
    await (await mqtt.start()).link.connected();
    await mqtt.publish(light, { room: "a" }, { on: true });
    await device.waitForCount(1);
    await mqtt.stop();
  });
});
