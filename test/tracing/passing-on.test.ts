// A context that comes with a message goes with what comes of it, also when nobody traces.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { on, topic } from "../../src/viaduto.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { connectDevice, type Device } from "../kit/device.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const OTHER = "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203332-00";

const from = topic("in/{id}", { content: "text" });
const to = topic("out/{id}", { content: "text" });
const own = topic("own", { content: "text" });

let bridge: Bridge;
let device: Device;

beforeAll(async () => {
  const handlers = [
    on(from, ({ params, publish }) => publish(to, params, "x").then(() => undefined)),
    on(own, async ({ publish }) => {
      const properties = { userProperties: { traceparent: OTHER } };
      await publish(to, { id: "own" }, "x", { properties });
    }),
  ];
  bridge = await startBridge({ handlers });
  device = await connectDevice(bridge.mqttPort, "out/#");
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
});

async function seeAfter(topicName: string, userProperties: Record<string, string | string[]>) {
  const count = device.received.length + 1;
  await device.client.publishAsync(topicName, "x", { qos: 1, properties: { userProperties } });
  const received = await device.waitForCount(count);
  return { ...received[count - 1]?.packet.properties?.userProperties };
}

test("a handler's publish carries it on as it came, state included", async () => {
  const given = { traceparent: TRACEPARENT, tracestate: "a=1", other: "not mine" };
  expect(await seeAfter("in/1", given)).toEqual({ traceparent: TRACEPARENT, tracestate: "a=1" });
});

test("without one nothing is added", async () => {
  expect(await seeAfter("in/1", { other: "x" })).toEqual({});
  expect(await seeAfter("in/1", { tracestate: "a=1" })).toEqual({});
});

test("a malformed one, or two, is none", async () => {
  const bad = [
    "",
    "x",
    TRACEPARENT.slice(0, -1),
    `${TRACEPARENT}-more`,
    TRACEPARENT.toUpperCase(),
    TRACEPARENT.replace(/^00/, "ff"),
    TRACEPARENT.replace("b7ad6b7169203331", "0".repeat(16)),
    TRACEPARENT.replace("0af7651916cd43dd8448eb211c80319c", "0".repeat(32)),
  ];
  for (const traceparent of bad) expect(await seeAfter("in/1", { traceparent })).toEqual({});
  expect(await seeAfter("in/1", { traceparent: [TRACEPARENT, OTHER] })).toEqual({});
});

test("one of a version to come is passed on, since nobody here makes another of it", async () => {
  const traceparent = `${TRACEPARENT.replace(/^00/, "01")}-what-is-new`;
  expect(await seeAfter("in/1", { traceparent })).toEqual({ traceparent });
});

test("that of a message which the broker had kept is over, and goes no further", async () => {
  const properties = { userProperties: { traceparent: TRACEPARENT } };
  const keep = { qos: 1, retain: true, properties } as const;
  await using one = await startBridge({ handlers: [] });
  await using sender = await connectDevice(one.mqttPort, "out/#");
  await sender.client.publishAsync("in/kept", "x", keep);
  const handler = on(from, async ({ params, publish }) => {
    await publish(to, params, "x");
  });
  const flags = ["--broker", `mqtt://127.0.0.1:${one.mqttPort}`];
  await using other = await startBridge({ flags, handlers: [handler] });
  await other.app.link.connected();
  const [received] = await sender.waitForCount(1);
  expect(received?.packet.properties?.userProperties).toBeUndefined();
  // The same message, as it is published.
  await sender.client.publishAsync("in/live", "x", keep);
  await sender.waitForCount(2);
  const live = sender.received[1]?.packet.properties?.userProperties;
  expect({ ...live }).toEqual({ traceparent: TRACEPARENT });
});

test("one that a handler sets itself stands, alone", async () => {
  expect(await seeAfter("own", { traceparent: TRACEPARENT })).toEqual({ traceparent: OTHER });
});

test("that of an HTTP request goes with its publish; a malformed one goes away", async () => {
  const ask = async (headers: Record<string, string>, userProperties: Record<string, string>) => {
    const count = device.received.length + 1;
    const properties = { user_properties: userProperties };
    const body = JSON.stringify({ topic: "out/h", payload: "x", properties });
    const response = await fetch(`${bridge.url}/publish`, { method: "POST", headers, body });
    expect([response.status, response.headers.get("traceparent")]).toEqual([200, null]);
    const received = await device.waitForCount(count);
    return { ...received[count - 1]?.packet.properties?.userProperties };
  };
  const traceparent = TRACEPARENT;
  expect(await ask({ traceparent }, { a: "1" })).toEqual({ a: "1", traceparent });
  expect(await ask({ traceparent }, { traceparent: OTHER })).toEqual({ traceparent: OTHER });
  expect(await ask({ traceparent }, { traceparent: "x" })).toEqual({ traceparent });
  expect(await ask({ traceparent: "x" }, { traceparent: "x", b: "2" })).toEqual({ b: "2" });
  expect(await ask({ traceparent: "x" }, { traceparent: "x" })).toEqual({});
  expect(await ask({}, { c: "3" })).toEqual({ c: "3" });
});
