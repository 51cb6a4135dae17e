// What is promised about messages when something is killed: redelivery, never loss.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { startBinary, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { spawnProcess } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";

const MESSAGES = 1_000;
const KEYS = 10;
const ROUNDS = 5;
const RUNNING = 50;
const ANSWERS = "devices/update/status/#";
/** Mosquitto keeps what it acknowledged: it saves after every change, and holds any number. */
const DURABLE = {
  persistence: true,
  extra: ["autosave_interval 1", "autosave_on_changes true", "max_queued_messages 0"],
};
/** A device whose session, and with it its answers, outlives the broker's restart. */
const LASTING = { clean: false, properties: { sessionExpiryInterval: 3_600 } } as const;

type Request = { readonly device_id: string; readonly at: number };

function toRequests(device: Device): Request[] {
  return device.received.map(({ text }) => JSON.parse(text).request);
}

/** Sends the numbered messages of all keys, in order; resolves when all are acknowledged. */
async function sendAll(device: Device, count: number): Promise<void> {
  const sends = Array.from({ length: count }, (_, at) =>
    device.send("devices/update", { device_id: `sensor-${at % KEYS}`, at }),
  );
  await Promise.all(sends);
}

function expectOrderInEachKey(requests: readonly Request[]): void {
  for (let key = 0; key < KEYS; key++) {
    const firsts = new Set(requests.filter(({ at }) => at % KEYS === key).map(({ at }) => at));
    const order = [...firsts];
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  }
}

async function waitForAll(device: Device, count: number): Promise<void> {
  const seen = new Set<number>();
  let read = 0;
  await device.waitUntil(() => {
    for (const { text } of device.received.slice(read)) seen.add(JSON.parse(text).request.at);
    read = device.received.length;
    return seen.size >= count;
  }, 60_000);
}

describeIf("mosquitto", "when the broker is killed", () => {
  test("1,000 messages on the way are all answered later, in order for each key", async () => {
    await using mosquitto = await startMosquitto(DURABLE);
    await using bridge = await startBinary({
      flags: ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`, "--client-id", "bridge"],
    });
    await bridge.process.waitForLine(/connected to/);
    const options = { ...LASTING, clientId: "device" };
    await using device = await connectDevice(mosquitto.port, ANSWERS, options);

    const sent = sendAll(device, MESSAGES);
    await device.waitForCount(MESSAGES / 4);
    await mosquitto.kill("SIGKILL");
    await bridge.process.waitForLine(/WARN - (.* closed the connection|nothing listens at)/);
    await mosquitto.restart();
    await sent;
    await waitForAll(device, MESSAGES);

    expectOrderInEachKey(toRequests(device));
    await bridge.process.waitForLine(/trying again in \d\.\d s/);
    await bridge.process.waitForLine(/connected to .* \(MQTT 5, session resumed\)/);
  }, 90_000);
});

describeIf("mosquitto", "when the bridge is killed", () => {
  test(`${RUNNING} messages being handled are delivered again, ${ROUNDS} times over`, async () => {
    await using mosquitto = await startMosquitto({ maxInflight: 0 });
    const port = String(mosquitto.port);
    const program = [join(import.meta.dir, "../kit/stuck-bridge.ts"), port, "bridge"];
    for (let round = 0; round < ROUNDS; round++) {
      await using stuck = spawnProcess(process.execPath, program);
      await using device = await connectDevice(mosquitto.port, ANSWERS);
      await stuck.waitForLine(/^connected$/);
      const ids = Array.from({ length: RUNNING }, (_, at) => `round-${round}-${at}`);
      await Promise.all(ids.map((device_id) => device.send("devices/update", { device_id })));
      await stuck.waitForLine(new RegExp(`^running ${RUNNING}$`));
      await stuck.kill("SIGKILL");

      const flags = ["--broker", `mqtt://127.0.0.1:${port}`, "--client-id", "bridge"];
      await using bridge = await startBridge({ flags });
      await bridge.app.link.connected();
      await device.waitForCount(RUNNING);
      const answered = device.received.map(({ text }) => JSON.parse(text).device_id);
      expect(new Set(answered)).toEqual(new Set(ids));
    }
  }, 60_000);

  test(`under load, none of ${MESSAGES} messages is lost, ${ROUNDS} times over`, async () => {
    await using mosquitto = await startMosquitto({ extra: ["max_queued_messages 0"] });
    const address = `mqtt://127.0.0.1:${mosquitto.port}`;
    const flags = ["--broker", address, "--client-id", "bridge"];
    for (let round = 0; round < ROUNDS; round++) {
      await using first = await startBinary({ flags });
      await first.process.waitForLine(/connected to/);
      await using device = await connectDevice(mosquitto.port, ANSWERS);
      const sent = sendAll(device, MESSAGES);
      await device.waitForCount(100 + Math.floor(Math.random() * (MESSAGES / 2)));
      await first.process.kill("SIGKILL");
      await using _second = await startBinary({ flags });
      await sent;
      await waitForAll(device, MESSAGES);
      expectOrderInEachKey(toRequests(device));
    }
  }, 90_000);
});
