// Requests with an Idempotency-Key: what they do is done once, whoever repeats them and when.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { startScriptedBroker } from "../kit/scripted-broker.ts";

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

function put(key: string, body = "x", path = "/topics/out/a", at = bridge.url): Promise<Response> {
  return fetch(`${at}${path}`, { method: "PUT", body, headers: { "Idempotency-Key": key } });
}

/** How many messages came until now, those under way included. */
async function countReceived(): Promise<number> {
  const before = device.received.length;
  await device.send("out/end", "end");
  await device.waitUntil(() => device.received.slice(before).some(({ text }) => text === "end"));
  return device.received.filter(({ text }) => text !== "end").length;
}

test("the second request gets the answer of the first, and publishes nothing", async () => {
  const before = await countReceived();
  const first = await put("one");
  const second = await put('"one"'); // The same key: quotes are how the draft writes it.
  expect(second.headers.get("Idempotency-Replayed")).toBe("true");
  expect(first.headers.get("Idempotency-Replayed")).toBeNull();
  expect(await second.json()).toEqual(await first.json());
  expect((await countReceived()) - before).toBe(1);
});

test("also where the answer was that nobody subscribes, and for POST /publish", async () => {
  const body = JSON.stringify({ topic: "nobody", payload: "x", qos: 1 });
  const headers = { "Idempotency-Key": "nobody" };
  const publish = () => fetch(`${bridge.url}/publish`, { method: "POST", body, headers });
  const [first, second] = [await publish(), await publish()];
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(await second.json()).toEqual(await first.json());
});

test("another body, or another path, under the same key is 422", async () => {
  await put("other");
  await expectProblem(await put("other", "y"), 422, "idempotency_key_reused");
  await expectProblem(await put("other", "x", "/topics/out/b"), 422, "idempotency_key_reused");
  const text = await put("other", "x", "/topics/out/a?retain=true");
  await expectProblem(text, 422, "idempotency_key_reused");
});

test("what was refused is not kept: it may be corrected", async () => {
  await expectProblem(await put("corrected", "x", "/topics/$SYS/x"), 403, "publish_refused");
  expect((await put("corrected")).status).toBe(200);
});

test.each(["", " ", '"', '"a', "a b", 'a"b', "a".repeat(256)])(
  "the key '%s' is no key",
  async (key) => {
    await expectProblem(await put(key), 400, "idempotency_key_invalid");
  },
);

test("while the first is under way a second is 409; a failure is not kept", async () => {
  await using broker = await startScriptedBroker();
  const flags = ["--broker", `mqtt://127.0.0.1:${broker.port}`, "--will", "off"];
  await using external = await startBridge({ flags });
  const connection = await broker.next();
  await connection.accept();
  const send = () => put("slow", "x", "/topics/a", external.url);
  const first = send();
  const { messageId = 0 } = await connection.next("publish");
  await expectProblem(await send(), 409, "idempotency_under_way");
  connection.send({ cmd: "puback", messageId, reasonCode: 0x80 });
  await expectProblem(await first, 502, "publish_failed");
  const again = send();
  const { messageId: secondId = 0 } = await connection.next("publish");
  connection.send({ cmd: "puback", messageId: secondId });
  expect((await again).status).toBe(200);
});

test("a bulk that failed in part publishes only the rest", async () => {
  await using broker = await startScriptedBroker();
  const flags = ["--broker", `mqtt://127.0.0.1:${broker.port}`, "--will", "off"];
  await using external = await startBridge({ flags });
  const connection = await broker.next();
  await connection.accept();
  const body = JSON.stringify(["a", "b"].map((topic) => ({ topic, payload: "", qos: 1 })));
  const headers = { "Idempotency-Key": "half" };
  const send = () => fetch(`${external.url}/publish/bulk`, { method: "POST", body, headers });
  const first = send();
  for (const reasonCode of [0, 0x83]) {
    const { messageId = 0 } = await connection.next("publish");
    connection.send({ cmd: "puback", messageId, reasonCode });
  }
  const failed = await first;
  expect(failed.status).toBe(503);
  const [taken, refused] = (await failed.json()) as { id?: string; reason_code?: number }[];
  expect(refused).toMatchObject({ reason_code: 0x83, code: "publish_failed" });
  const second = send();
  const { topic, messageId = 0 } = await connection.next("publish");
  expect(topic).toBe("b");
  connection.send({ cmd: "puback", messageId });
  const done = await second;
  expect(done.status).toBe(200);
  expect(await done.json()).toEqual([taken as never, { id: expect.any(String) }]);
});

test("it survives a restart", async () => {
  const data = await mkdtemp(join(tmpdir(), "viaduto-keys-"));
  try {
    const ids: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      await using kept = await startBridge({ flags: ["--data", data] });
      ids.push(await (await put("kept", "x", "/topics/a", kept.url)).json());
    }
    expect(ids[1]).toEqual(ids[0]);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});
