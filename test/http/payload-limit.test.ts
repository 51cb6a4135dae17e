// Bodies that are payloads, and the limit of these.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";

let bridge: Bridge;
let device: Device;

beforeAll(async () => {
  bridge = await startBridge({ flags: ["--payload-bytes-max", "1000"] });
  device = await connectDevice(bridge.mqttPort, "out/#");
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
});

async function ask(path: string, init: RequestInit): Promise<Response> {
  return fetch(`${bridge.url}${path}`, init);
}

test("a body without a length is read up to the limit and no further", async () => {
  const chunks = (count: number) =>
    new ReadableStream({
      pull(controller) {
        if (count-- > 0) controller.enqueue(new Uint8Array(1_000));
        else controller.close();
      },
    });
  const init = { method: "PUT", duplex: "half" } as const;
  expect((await ask("/topics/out/chunked", { ...init, body: chunks(1) })).status).toBe(200);
  const large = await ask("/topics/out/chunked", { ...init, body: chunks(1_000) });
  await expectProblem(large, 413, "payload_too_large");
});

test.each(["PUT /topics/out/a", "POST /topics/out/a", "POST /rpc/out/a"])(
  "%s with too large a body names the limit of payloads",
  async (route) => {
    const [method = "", path = ""] = route.split(" ");
    for (const bytes of [1_001, 500_000]) {
      const answer = await ask(path, { method, body: "x".repeat(bytes) });
      const { detail } = await expectProblem(answer, 413, "payload_too_large");
      expect(detail).toBe(`the payload has ${bytes} bytes, at most 1000 are allowed`);
    }
  },
);
