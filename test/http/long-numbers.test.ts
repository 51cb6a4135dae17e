// What is published as JSON with long numbers in it, down to what a device gets.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";

let bridge: Bridge;
let device: Device;

beforeAll(async () => {
  bridge = await startBridge();
  device = await connectDevice(bridge.mqttPort, "out/#");
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
});

async function ask(path: string, init: RequestInit): Promise<Response> {
  return fetch(`${bridge.url}${path}`, init);
}

async function nextText(): Promise<string> {
  const count = device.received.length + 1;
  const received = await device.waitForCount(count);
  return received[count - 1]?.text ?? "";
}

test.each(["1700000000123456789", '{"at":1700000000123456789,"x":0.10000000000000000555}'])(
  "sends %s as it was written, alone and in a bulk",
  async (payload) => {
    const body = `{"topic":"out/a","payload":${payload}}`;
    const text = nextText();
    expect((await ask("/publish", { method: "POST", body })).status).toBe(200);
    expect(await text).toBe(payload);
    const again = nextText();
    expect((await ask("/publish/bulk", { method: "POST", body: `[${body}]` })).status).toBe(200);
    expect(await again).toBe(payload);
  },
);

test("a number that is too large is refused, and one where a small one belongs", async () => {
  const post = (body: string) => ask("/publish", { method: "POST", body });
  const large = await post('{"topic":"out/a","payload":{"x":1e400}}');
  const problem = await expectProblem(large, 400, "body_invalid");
  expect(problem.detail).toContain("1e400 is more than a number can be");
  const qos = await post('{"topic":"out/a","payload":"x","qos":1000000000000000000001}');
  await expectProblem(qos, 400, "body_invalid");
  const interval = '{"message_expiry_interval":10000000000000000000001}';
  const long = await post(`{"topic":"out/a","payload":"x","properties":${interval}}`);
  await expectProblem(long, 400, "body_invalid");
});
