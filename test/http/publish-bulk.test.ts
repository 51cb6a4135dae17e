// POST /publish/bulk, and EMQX's two routes as its scripts use them.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { run } from "../kit/processes.ts";

type Result = { id?: string; reason_code?: number; message?: string; code?: string };

let bridge: Bridge;
let device: Device;

beforeAll(async () => {
  bridge = await startBridge({ flags: ["--payload-bytes-max", "100", "--bulk-messages-max", "5"] });
  device = await connectDevice(bridge.mqttPort, "out/#");
});
afterAll(async () => {
  await device[Symbol.asyncDispose]();
  await bridge[Symbol.asyncDispose]();
});

async function send(body: unknown, path = "/publish/bulk"): Promise<Response> {
  return fetch(`${bridge.url}${path}`, { method: "POST", body: JSON.stringify(body) });
}

async function results(response: Response): Promise<Result[]> {
  return (await response.json()) as Result[];
}

describe("a bulk", () => {
  test("publishes all in order, and gives each an id", async () => {
    const before = device.received.length;
    const texts = ["1", "2", "3"];
    const response = await send(texts.map((payload) => ({ topic: "out/x", payload, qos: 1 })));
    expect(response.status).toBe(200);
    const ids = (await results(response)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    const received = await device.waitForCount(before + 3);
    expect(received.slice(before).map(({ text }) => text)).toEqual(texts);
  });

  test("is 202 when nobody subscribes to one of them", async () => {
    const response = await send([
      { topic: "out/x", payload: "", qos: 1 },
      { topic: "nobody", payload: "", qos: 1 },
    ]);
    expect(response.status).toBe(202);
    const [first, second] = await results(response);
    expect(first?.reason_code).toBeUndefined();
    expect(second).toMatchObject({ reason_code: 16, message: "no_matching_subscribers" });
  });

  test("is 400 when one of them is wrong, and the others are published", async () => {
    const before = device.received.length;
    const response = await send([
      { topic: "a/#", payload: "" },
      { topic: "out/x", payload: "x".repeat(101) },
      { topic: "$SYS/x", payload: "x", qos: 1 },
      { topic: "out/x", payload: "still", qos: 1 },
    ]);
    expect(response.status).toBe(400);
    const [wildcard, large, refused, fine] = await results(response);
    expect(wildcard).toMatchObject({ reason_code: 0x90, code: "topic_invalid" });
    expect(large).toMatchObject({ reason_code: 0x95, code: "payload_too_large" });
    expect(refused).toMatchObject({ reason_code: 0x87, code: "publish_refused" });
    expect(fine?.id).toBeString();
    const received = await device.waitForCount(before + 1);
    expect(received[before]?.text).toBe("still");
  });

  test("with a message that is none is refused as a whole", async () => {
    const before = device.received.length;
    const bodies = [{ topic: "out/x", payload: "no" }, { payload: "" }];
    const problem = await expectProblem(await send(bodies), 400, "body_invalid");
    expect(problem.path).toBe("/1/topic");
    expect((await send([{ topic: "out/x", payload: "next", qos: 1 }])).status).toBe(200);
    const received = await device.waitForCount(before + 1);
    expect(received[before]?.text).toBe("next");
  });

  test("is not longer than its limit, and may be empty", async () => {
    const one = { topic: "out/x", payload: "" };
    const problem = await expectProblem(await send(Array(6).fill(one)), 413, "bulk_too_large");
    expect(problem.detail).toContain("6 messages, at most 5");
    expect(await results(await send([]))).toEqual([]);
  });

  test("under one Idempotency-Key is published once", async () => {
    const before = device.received.length;
    const body = JSON.stringify([{ topic: "out/once", payload: "1", qos: 1 }]);
    const again = () => {
      const headers = { "Idempotency-Key": "bulk" };
      return fetch(`${bridge.url}/publish/bulk`, { method: "POST", body, headers });
    };
    const [first, second] = [await again(), await again()];
    expect(await results(second)).toEqual(await results(first));
    await device.send("out/end", "end");
    const received = await device.waitForCount(before + 2);
    expect(received.slice(before).map(({ text }) => text)).toEqual(["1", "end"]);
  });
});

describe("below /api/v5", () => {
  test("errors have EMQX's names, and ours in their type", async () => {
    const response = await send({ topic: "a/#", payload: "" }, "/api/v5/publish");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "BAD_REQUEST",
      reason_code: 0x90,
      message: expect.stringContaining("wildcard"),
      type: "urn:viaduto:problem:topic_invalid",
    });
  });

  // As in the examples of EMQX's manual: Basic authentication, the wire in urllib's hands.
  const SCRIPT = `
import base64, json, sys, urllib.error, urllib.request
url, key, secret = sys.argv[1], "ee26b0dd4af7e749", "aw1s3cr3t"
def call(path, body):
    request = urllib.request.Request(url + "/api/v5" + path)
    request.add_header("Content-Type", "application/json")
    login = base64.b64encode((key + ":" + secret).encode()).decode()
    request.add_header("Authorization", "Basic " + login)
    try:
        with urllib.request.urlopen(request, json.dumps(body).encode()) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
message = {"payload_encoding": "plain", "topic": "out/emqx", "qos": 1, "payload": "hello",
    "retain": False, "clientid": "api",
    "properties": {"user_properties": {"foo": "bar"}, "message_expiry_interval": 60}}
print(json.dumps([
    call("/publish", message),
    call("/publish", dict(message, topic="nobody/emqx")),
    call("/publish/bulk", [message, dict(message, topic="nobody/emqx")]),
    call("/publish", dict(message, qos=7)),
]))
`;

  test.each(["embedded", "mosquitto"])("a script for EMQX works unchanged: %s", async (kind) => {
    await using stack = new AsyncDisposableStack();
    const broker = kind === "embedded" ? undefined : stack.use(await startMosquitto());
    const flags = broker ? ["--broker", `mqtt://127.0.0.1:${broker.port}`] : [];
    const bridge = stack.use(await startBridge({ flags }));
    const device = stack.use(await connectDevice(broker?.port ?? bridge.mqttPort, "out/#"));
    await bridge.app.link.connected();
    const { stdout, stderr, exitCode } = await run("/usr/bin/python3", ["-c", SCRIPT, bridge.url]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const answers = JSON.parse(stdout) as [number, unknown][];
    expect(answers.map(([status]) => status)).toEqual([200, 202, 202, 400]);
    expect(answers[1]?.[1]).toMatchObject({
      reason_code: 16,
      message: "no_matching_subscribers",
    });
    expect(answers[2]?.[1]).toMatchObject([{}, { message: "no_matching_subscribers" }]);
    expect(answers[3]?.[1]).toMatchObject({ code: "BAD_REQUEST" });
    const received = await device.waitForCount(2);
    const { text, packet } = received[0] ?? {};
    expect([text, packet?.properties?.userProperties]).toEqual(["hello", { foo: "bar" }] as never);
  });
});
