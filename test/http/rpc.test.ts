// POST /rpc/<topic> against real devices, on the embedded broker and on Mosquitto.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { run, spawnProcess } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";

const CALLS = 500;

describeIf(["mosquitto", "mosquitto_sub"], "calls", () => {
  describe.each(["embedded", "mosquitto"])("%s", suite);
});

function suite(kind: string): void {
  const stack = new AsyncDisposableStack();
  let bridge: Bridge;
  let device: Device;
  let port: number;

  beforeAll(async () => {
    const broker = kind === "embedded" ? undefined : stack.use(await startMosquitto());
    const flags = broker ? ["--broker", `mqtt://127.0.0.1:${broker.port}`] : [];
    bridge = stack.use(await startBridge({ flags: [...flags, "--payload-bytes-max", "2000"] }));
    await bridge.app.link.connected();
    port = broker?.port ?? bridge.mqttPort;
    device = stack.use(await connectDevice(port, "ask/#"));
    device.client.on("message", (topic, payload, packet) => answer(device, topic, payload, packet));
  });
  afterAll(() => stack.disposeAsync());

  function call(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${bridge.url}/rpc/${path}`, { method: "POST", ...init });
  }

  test("a device of mosquitto_sub and mosquitto_pub answers", async () => {
    await using asked = spawnProcess("mosquitto_sub", [
      ...["-V", "5", "-p", String(port), "-t", "devices/42/reboot", "-F", "%R %D %p", "-C", "1"],
    ]);
    const called = callUntilHeard("devices/42/reboot?timeout=5s", { body: '{"delay":0}' });
    const [, topic = "", data = "", text] = await asked.waitForLine(/^(\S+) (\S+) (.*)$/);
    expect(data).toMatch(/^[0-9a-f]{32}$/);
    expect(text).toBe('{"delay":0}');
    const published = await run("mosquitto_pub", [
      ...["-V", "5", "-p", String(port), "-t", topic, "-m", '{"rebooted":true}'],
      ...["-D", "publish", "correlation-data", data],
      ...["-D", "publish", "content-type", "application/json"],
      ...["-D", "publish", "user-property", "uptime", "3"],
    ]);
    expect(published.exitCode).toBe(0);
    const response = await called;
    expect([response.status, await response.text()]).toEqual([200, '{"rebooted":true}']);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(response.headers.get("MQTT-User-Properties")).toBe('{"uptime":"3"}');
  });

  /** Until the subscriber is there, each call is 404. */
  async function callUntilHeard(path: string, init: RequestInit): Promise<Response> {
    for (;;) {
      const response = await call(path, init);
      if (response.status !== 404) return response;
    }
  }

  test(`${CALLS} calls at once get each its own answer, and leave nothing behind`, async () => {
    const texts = Array.from({ length: CALLS }, (_, at) => `number ${at}`);
    const answers = await Promise.all(
      texts.map(async (body) => (await call("ask/echo", { body })).text()),
    );
    expect(answers).toEqual(texts.map((text) => `re ${text}`));
    expect(bridge.app.link.waiting).toBe(0);
  });

  test("bytes, types and the status that the device says come back as they are", async () => {
    const body = new Uint8Array([0, 255, 1]);
    const raw = await call("ask/raw", { body, headers: { "Content-Type": "image/x" } });
    expect(new Uint8Array(await raw.arrayBuffer())).toEqual(body);
    expect(raw.headers.get("Content-Type")).toBe("image/x");
    expect(raw.headers.get("Content-Security-Policy")).toContain("sandbox");
    const refused = await call("ask/status", { body: "409" });
    expect([refused.status, await refused.text()]).toEqual([409, "said 409"]);
    expect((await call("ask/status", { body: "204" })).status).toBe(204);
    expect((await call("ask/status", { body: "100" })).status).toBe(200);
  });

  test("nobody there is 404 with the broker's reason", async () => {
    const problem = await expectProblem(await call("nobody/here"), 404, "nobody_listens");
    expect(problem).toMatchObject({ reason_code: 0x10 });
  });

  test("no reply is 504 after its time, and leaves nothing behind", async () => {
    await expectProblem(await call("ask/silence?timeout=50ms"), 504, "request_timeout");
    expect(bridge.app.link.waiting).toBe(0);
  });

  test("Prefer: wait says how long where the query does not", async () => {
    const wait = (seconds: number) => ({ headers: { Prefer: `wait=${seconds}` } });
    const late = await expectProblem(await call("ask/silence", wait(1)), 504, "request_timeout");
    expect(late.detail).toContain("1000 ms");
    const nearer = await call("ask/silence?timeout=50ms", wait(1));
    expect((await expectProblem(nearer, 504, "request_timeout")).detail).toContain("50 ms");
  });

  test("properties of a reply that are too long for a header are named", async () => {
    const { headers } = await call("ask/long-property", { body: "x" });
    expect(headers.get("MQTT-Left-Out")).toBe("User-Properties");
    expect(headers.get("MQTT-User-Properties")).toBeNull();
  });

  test("a reply that is too large is 502", async () => {
    const problem = await expectProblem(await call("ask/large"), 502, "reply_invalid");
    expect(problem.detail).toContain("2001 bytes");
  });

  test("a device without response topics answers on the topic that is named", async () => {
    await using old = await connectDevice(port, "old/ask", { protocolVersion: 4 });
    old.client.on("message", (_, payload) => old.client.publish("old/reply", `old ${payload}`));
    const response = await call("old/ask?reply_topic=old/reply", { body: "1" });
    expect(await response.text()).toBe("old 1");
  });

  test("whoever leaves takes the call along", async () => {
    const leaving = new AbortController();
    const before = device.received.length;
    const called = call("ask/silence", { signal: leaving.signal });
    await device.waitForCount(before + 1);
    expect(bridge.app.link.waiting).toBe(1);
    leaving.abort();
    expect(called).rejects.toThrow();
    while (bridge.app.link.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test("respond-async answers at once, and later with the reply", async () => {
    const before = device.received.length;
    const headers = { Prefer: "respond-async" };
    const accepted = await call("ask/late", { body: "x", headers });
    expect([accepted.status, accepted.headers.get("Preference-Applied")]).toEqual([
      202,
      "respond-async",
    ]);
    const location = `${bridge.url}${accepted.headers.get("Location")}`;
    const running = await fetch(location);
    expect([running.status, await running.json()]).toEqual([202, await accepted.json()]);
    const received = await device.waitForCount(before + 1);
    const { responseTopic = "", correlationData } = received[before]?.packet.properties ?? {};
    const properties = correlationData ? { correlationData } : {};
    await device.client.publishAsync(responseTopic, "late", { qos: 0, properties });
    let answer = await fetch(location);
    while (answer.status === 202) answer = await fetch(location);
    expect([answer.status, await answer.text()]).toEqual([200, "late"]);
    expect(await (await fetch(location)).text()).toBe("late"); // It is kept.
  });

  test("what an asynchronous call fails with is told as any error", async () => {
    const headers = { Prefer: "wait=1, respond-async" };
    const accepted = await call("ask/silence?timeout=20ms", { headers });
    const location = `${bridge.url}${accepted.headers.get("Location")}`;
    let answer = await fetch(location);
    while (answer.status === 202) answer = await fetch(location);
    await expectProblem(answer, 504, "request_timeout");
    await expectProblem(await fetch(`${bridge.url}/rpc/results/x`), 404, "result_unknown");
  });

  test("under one key a call with other headers is refused", async () => {
    const headers = { "Idempotency-Key": "headers" };
    await call("ask/echo", { body: "x", headers });
    const other = { ...headers, "MQTT-User-Properties": '{"unit":"F"}' };
    const again = await call("ask/echo", { body: "x", headers: other });
    await expectProblem(again, 422, "idempotency_key_reused");
  });

  test("under one Idempotency-Key the device is asked once", async () => {
    const before = device.received.length;
    const headers = { "Idempotency-Key": "call" };
    const first = await call("ask/echo", { body: "once", headers });
    const second = await call("ask/echo", { body: "once", headers });
    expect([await first.text(), await second.text()]).toEqual(["re once", "re once"]);
    expect(second.headers.get("Idempotency-Replayed")).toBe("true");
    expect(device.received.length - before).toBe(1);
    const other = await call("ask/echo", { body: "twice", headers });
    await expectProblem(other, 422, "idempotency_key_reused");
  });

  test.each([
    ["ask/echo?timeout=0s", "query_invalid"],
    ["ask/echo?timeout=5", "query_invalid"],
    ["ask/echo?timeout=301s", "query_invalid"],
    ["ask/echo?timeouts=5s", "query_invalid"],
    ["ask/echo?retain=true", "query_invalid"],
    ["ask/echo?reply_topic=a/%23", "topic_invalid"],
    ["ask/%23", "topic_invalid"],
  ])("%s is 400 %s", async (path, code) => {
    await expectProblem(await call(path), 400, code);
  });
}

function answer(device: Device, topic: string, payload: Buffer, packet: Packet): void {
  const { responseTopic, correlationData, contentType } = packet.properties ?? {};
  if (!responseTopic) return;
  const text = String(payload);
  const reply = (body: string | Buffer, userProperties?: Record<string, string>) => {
    const properties = {
      ...(correlationData && { correlationData }),
      ...(contentType !== undefined && { contentType }),
      ...(userProperties && { userProperties }),
    };
    device.client.publish(responseTopic, body, { qos: 0, properties });
  };
  if (topic === "ask/echo") reply(`re ${text}`);
  else if (topic === "ask/raw") reply(payload);
  else if (topic === "ask/status") reply(`said ${text}`, { status: text });
  else if (topic === "ask/long-property") reply(text, { long: "x".repeat(10_000) });
  else if (topic === "ask/large") reply("x".repeat(2_001));
}

type Packet = Device["received"][number]["packet"];

test("a reply that does not fit the handler's topic is 502", async () => {
  const { t, topic, on } = await import("../../src/viaduto.ts");
  const typed = topic("typed/{id}", { reply: t.Object({ ok: t.Boolean() }) });
  const wrong = on(typed, () => undefined as never);
  await using bridge = await startBridge({ handlers: [wrong] });
  await using device = await connectDevice(bridge.mqttPort, "typed/#");
  device.client.on("message", (_, payload, { properties }) => {
    const { responseTopic = "", correlationData } = properties ?? {};
    const more = correlationData ? { correlationData } : {};
    device.client.publish(responseTopic, payload, { properties: more });
  });
  const call = (body: string) => fetch(`${bridge.url}/rpc/typed/1`, { method: "POST", body });
  await expectProblem(await call('{"ok":1}'), 502, "reply_invalid");
  expect(await (await call('{"ok":true}')).json()).toEqual({ ok: true });
});

test("while the broker is away a call is 503, with Retry-After", async () => {
  const broker = await startMosquitto();
  const flags = ["--broker", `mqtt://127.0.0.1:${broker.port}`];
  await using bridge = await startBridge({ flags });
  await bridge.app.link.connected();
  await broker[Symbol.asyncDispose]();
  await bridge.waitForLine(/hung up|closed|refused|nothing listens/);
  const response = await fetch(`${bridge.url}/rpc/a?timeout=100ms`, { method: "POST" });
  expect(response.headers.get("Retry-After")).toBe("5");
  await expectProblem(response, 503, "broker_away");
});
