// Each example does what its first lines say.

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startBridge } from "viaduto/testing";
import { connectDevice } from "../kit/device.ts";
import echo, * as echoes from "./echo.ts";
import dashboard, * as fleet from "./fleet-dashboard.ts";
import book, * as bookings from "./keyed-order.ts";
import { createApp } from "./own-app.ts";
import watch, * as rooms from "./params.ts";
import * as units from "./request-reply.ts";
import * as lights from "./retained-state.ts";
import takeOrder, * as orders from "./retry-to-dead-letter.ts";

const EXAMPLE_LINES_MAX = 40;

test("echo", async () => {
  await using bridge = await startBridge({ handlers: [echo] });
  await bridge.send(echoes.input, { anything: [1, "two"] });
  expect((await bridge.expectMessage(echoes.output)).payload).toEqual({ anything: [1, "two"] });
});

test("params", async () => {
  await using bridge = await startBridge({ handlers: [watch] });
  const at = (celsius: number) => {
    return bridge.send(rooms.reading, { room: "attic", path: "south/window" }, { celsius });
  };
  await at(20);
  await at(31);
  const { params, payload } = await bridge.expectMessage(rooms.alarm);
  expect({ ...params, ...payload }).toEqual({ room: "attic", sensor: "south/window", celsius: 31 });
});

test("request and reply", async () => {
  await using bridge = await startBridge({ handlers: [units.convertUnit, units.makeReport] });
  const answer = await bridge.request(units.convert, { unit: "fahrenheit" }, { degrees: 212 });
  expect(answer).toEqual({ celsius: 100 });
  await bridge.send(units.report, { fahrenheit: 50 });
  expect((await bridge.expectMessage(units.reported)).payload).toBe("10.0 °C");
});

test("retained state", async () => {
  await using bridge = await startBridge({ handlers: [lights.remember, lights.flip] });
  for (const isOn of [true, false, true]) {
    await bridge.send(lights.toggle, { name: "hall" }, {});
    const { payload, message } = await bridge.expectMessage(lights.light);
    expect(payload).toEqual({ on: isOn });
    expect(message.topic).toBe("lights/hall");
    await bridge.settled();
  }
});

test("keyed order", async () => {
  await using bridge = await startBridge({ handlers: [book] });
  const accounts = ["ana", "rui"];
  for (let amount = 1; amount <= 20; amount++) {
    for (const account of accounts) await bridge.send(bookings.booking, { account, amount });
  }
  await bridge.settled();
  for (const account of accounts) {
    const topics = `accounts/${account}/balance`;
    const balances = bridge.messages.filter((message) => message.topic === topics);
    const sums = Array.from({ length: 20 }, (_, at) => ((at + 1) * (at + 2)) / 2);
    expect(balances.map(({ payload }) => Number(payload.toString()))).toEqual(sums);
  }
});

test("retry to dead letter", async () => {
  await using bridge = await startBridge({ handlers: [takeOrder] });
  await bridge.send(orders.order, { id: "7" }, { article: "tea" });
  await bridge.advance(60_000);
  expect(bridge.deadLetters).toMatchObject([{ attempts: 4, reason: "the warehouse is closed" }]);
  orders.warehouse.isOpen = true;
  await bridge.redrive(1);
  expect(orders.warehouse.taken).toEqual(["tea"]);
  expect(bridge.deadLetters).toEqual([]);
});

test("a fleet dashboard's counters", async () => {
  await using bridge = await startBridge({ handlers: [dashboard, fleet.countErrors] });
  const place = { latitude: -23.5, longitude: -46.6 };
  await bridge.send(fleet.position, { vehicle: "bus-1" }, { ...place, kmh: 40 });
  await bridge.send(fleet.position, { vehicle: "bus-2" }, { ...place, kmh: 0 });
  await bridge.settled();
  const last = JSON.parse(bridge.messages.at(-1)?.payload.toString() ?? "{}");
  expect(last).toEqual({ vehicles: 2, moving: 1, errors: 0 });
});

test("an own app", async () => {
  const options = { data: ":memory:", mqttPort: 0, wsPort: "off", logLevel: "error" } as const;
  const app = createApp(options);
  const { mqtt } = app.decorator;
  const bridge = await mqtt.start();
  const open = (path: string, method = "GET") => {
    return app.handle(new Request(`http://localhost${path}`, { method }));
  };
  expect((await open("/doors/front")).status).toBe(404);
  await using door = await connectDevice(bridge.listening?.mqttPort ?? 0, "doors/front/command");
  await door.send("doors/front/state", { isOpen: false });
  const isKnown = async () => (await open("/doors/front")).status === 200;
  while (!(await isKnown())) await new Promise((resolve) => setImmediate(resolve));
  expect(await (await open("/doors/front")).json()).toEqual({ isOpen: false });

  const opened = open("/doors/front/open", "POST");
  const [asked] = await door.waitForCount(1);
  const { responseTopic = "", correlationData } = asked?.packet.properties ?? {};
  const properties = correlationData && { correlationData };
  await door.client.publishAsync(responseTopic, '"opened"', { ...(properties && { properties }) });
  expect(await (await opened).text()).toBe("opened");
  await mqtt.stop();
});

test("every example has a test, and few lines", () => {
  const files = readdirSync(import.meta.dir).filter((name) => !name.endsWith(".test.ts"));
  const suite = readFileSync(import.meta.path, "utf8");
  for (const name of files) {
    expect(suite).toContain(`"./${name}"`);
    const lines = readFileSync(join(import.meta.dir, name), "utf8").split("\n").length - 1;
    expect({ name, isShort: lines < EXAMPLE_LINES_MAX }).toEqual({ name, isShort: true });
  }
});
