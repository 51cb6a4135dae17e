// The main job, the same on the embedded broker and on Debian's Mosquitto.

import { describe, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { type BrokerProcess, startMosquitto, startNats } from "../kit/brokers.ts";
import { connectDevice, type Received } from "../kit/device.ts";
import { describeIf } from "../kit/suites.ts";

type Setup = AsyncDisposable & { readonly bridge: Bridge; readonly port: number };

/** A bridge on its own broker, or on one that is a process of its own; ready to answer. */
async function setUp(kind: string, flags: readonly string[] = []): Promise<Setup> {
  await using stack = new AsyncDisposableStack();
  const broker = await startExternal(kind);
  if (broker) stack.use(broker);
  const address = broker ? ["--broker", `mqtt://127.0.0.1:${broker.port}`] : [];
  const bridge = stack.use(await startBridge({ flags: [...address, ...flags] }));
  await bridge.app.link.connected();
  const port = broker?.port ?? bridge.mqttPort;
  const owned = stack.move();
  return { bridge, port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function startExternal(kind: string): Promise<BrokerProcess> | undefined {
  if (kind === "mosquitto") return startMosquitto();
  return kind === "nats-server" ? startNats() : undefined;
}

for (const kind of ["embedded", "mosquitto"]) {
  const suite = kind === "embedded" ? describe : describeIf.bind(undefined, kind);
  suite(`the main job on ${kind}`, () => {
    test("an update is answered with the four fields, and the log tells the story", async () => {
      await using setup = await setUp(kind);
      await using device = await connectDevice(setup.port, "devices/update/status/#");
      const request = { device_id: "sensor-99", version: "1.0" };
      await device.send("devices/update", request);

      const [answer] = await device.waitForCount(1);
      expect(answer?.topic).toMatch(/^devices\/update\/status\/[1-9]\d{3}$/);
      expect(answer?.packet).toMatchObject({ qos: 1, retain: false });
      const body = JSON.parse(answer?.text ?? "");
      expect(Object.keys(body)).toEqual(["device_id", "status", "request", "timestamp"]);
      expect(body).toMatchObject({ device_id: "sensor-99", status: "received", request });
      expect(new Date(body.timestamp).toISOString()).toBe(body.timestamp);

      const time = String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - MQTTClient - INFO - `;
      const sent = JSON.stringify(request);
      expect(await setup.bridge.waitForLine(/devices\/update -> /)).toMatch(
        new RegExp(`${time}devices/update -> ${sent}$`),
      );
      expect(await setup.bridge.waitForLine(/ <- /)).toMatch(
        new RegExp(`${time}devices/update/status/\\d{4} <- {"device_id":"sensor-99"`),
      );
    });

    test("an origin is put on and taken off, and topics without it are not heard", async () => {
      await using setup = await setUp(kind, ["--origin", "plant-a"]);
      await using device = await connectDevice(setup.port, "#");
      await device.send("devices/update", { device_id: "outside" });
      await device.send("plant-a/devices/update", { device_id: "inside" });

      const isAnswer = ({ topic }: Received) => topic.includes("/status/");
      await device.waitUntil(() => device.received.some(isAnswer));
      const [answer, ...others] = device.received.filter(isAnswer);
      expect(answer?.topic).toMatch(/^plant-a\/devices\/update\/status\/\d{4}$/);
      expect(JSON.parse(answer?.text ?? "").device_id).toBe("inside");
      expect(others).toEqual([]);
      // The handler sees no prefix.
      expect(setup.bridge.lines.some((line) => line.includes(" - devices/update -> "))).toBeTrue();
      expect(setup.bridge.lines.join("\n")).not.toContain("outside");
    });

    test("--token reaches an MQTT 5 subscriber as a user property", async () => {
      await using setup = await setUp(kind, ["--token", "s3cret"]);
      await using device = await connectDevice(setup.port, "devices/update/status/#");
      await device.send("devices/update", { device_id: "a" });
      const [answer] = await device.waitForCount(1);
      expect(answer?.packet.properties?.userProperties).toEqual({ token: "s3cret" });
    });

    test("a payload that does not fit reaches no handler and stops nothing", async () => {
      await using setup = await setUp(kind);
      await using device = await connectDevice(setup.port, "devices/update/status/#");
      for (const payload of ["", "no json", "[]", '{"version":1}', '{"device_id":7}']) {
        await device.send("devices/update", payload);
      }
      await device.send("devices/update", { device_id: "good" });
      await device.waitForCount(1);
      expect(JSON.parse(device.received[0]?.text ?? "").device_id).toBe("good");

      await setup.bridge.waitForLine(/expected JSON .*, found nothing/);
      await setup.bridge.waitForLine(/expected JSON .*, found "no json"/);
      await setup.bridge.waitForLine(/'devices\/update': expected object, found \[\]/);
      await setup.bridge.waitForLine(/\/device_id: expected required property, found nothing/);
      await setup.bridge.waitForLine(/\/device_id: expected string, found 7/);
    });

    test("HTTP publishes to the handler and reads the last value", async () => {
      await using setup = await setUp(kind);
      const { url } = setup.bridge;
      await using device = await connectDevice(setup.port, "devices/update/status/#");
      const published = await fetch(`${url}/publish`, {
        method: "POST",
        body: JSON.stringify({ topic: "devices/update", payload: '{"device_id":"web"}', qos: 1 }),
      });
      expect(published.status).toBe(200);
      await device.waitForCount(1);

      const value = await fetch(`${url}/topics/devices/update`);
      expect(value.status).toBe(200);
      expect(await value.json()).toEqual({ device_id: "web" });
      expect((await fetch(`${url}/ready`)).status).toBe(200);
    });

    test("an answer to each of 500 messages, in order for each device", async () => {
      await using setup = await setUp(kind);
      await using device = await connectDevice(setup.port, "devices/update/status/#");
      const sends = Array.from({ length: 500 }, (_, at) =>
        device.send("devices/update", { device_id: `sensor-${at % 10}`, at }),
      );
      await Promise.all(sends);
      await device.waitForCount(500);
      const requests = device.received.map(({ text }) => JSON.parse(text).request);
      expect(requests).toHaveLength(500);
      for (let sensor = 0; sensor < 10; sensor++) {
        const order = requests.filter(({ at }) => at % 10 === sensor).map(({ at }) => at);
        expect(order).toEqual(Array.from({ length: 50 }, (_, at) => at * 10 + sensor));
      }
    });
  });
}

describeIf("nats-server", "the main job on nats-server", () => {
  test("a broker that speaks MQTT 3.1.1 only is found out, and served in 3.1.1", async () => {
    await using setup = await setUp("nats-server");
    await setup.bridge.waitForLine(/connected to .* \(MQTT 3\.1\.1/);
    const filter = "devices/update/status/#";
    await using device = await connectDevice(setup.port, filter, {
      protocolVersion: 4,
      clientId: "device",
    });
    await device.send("devices/update", { device_id: "sensor-99" });
    const [answer] = await device.waitForCount(1);
    expect(JSON.parse(answer?.text ?? "").device_id).toBe("sensor-99");
  });
});
