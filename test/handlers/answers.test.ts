// A returned value answers who asked: by MQTT 5's response topic, or on the declared reply topic.

import { describe, expect, test } from "bun:test";
import { startBridge } from "../../src/testing.ts";
import { on, t, topic } from "../../src/topics/language.ts";
import { startBridge as startWholeBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { run } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";

const double = topic("math/double", { payload: t.Number(), reply: t.Number() });
const greet = topic("greet/{name}", {
  content: "text",
  reply: topic("greet/{name}/reply", { content: "text" }),
});
const table = topic("math/table", { payload: t.Number() });
const tabled = topic("math/tabled", { payload: t.Array(t.Number()) });

const handlers = [
  on(double, ({ payload }) => payload * 2),
  on(greet, ({ params, payload }) => `${payload}, ${params.name}`),
];
const askTable = on(table, async ({ payload, request, publish }) => {
  const numbers = Array.from({ length: payload }, (_, at) => at);
  await publish(tabled, await Promise.all(numbers.map((number) => request(double, number))));
});

describe.each(["embedded", "mosquitto"])("on the %s broker", (kind) => {
  describeIf("mosquitto", "an asker", () => {
    async function setUp(origin = "") {
      await using stack = new AsyncDisposableStack();
      const mosquitto = kind === "embedded" ? undefined : stack.use(await startMosquitto());
      const flags = mosquitto ? ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`] : [];
      const bridge = stack.use(
        await startWholeBridge({ handlers, flags: [...flags, "--origin", origin] }),
      );
      await bridge.app.link.connected();
      const port = String(mosquitto?.port ?? bridge.mqttPort);
      const owned = stack.move();
      return { bridge, port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
    }

    test("with mosquitto_rr and MQTT 5 gets the answer, on the topic that it names", async () => {
      await using setup = await setUp("plant");
      const args = ["-V", "5", "-p", setup.port, "-t", "plant/math/double", "-m", "21"];
      const asked = await run("mosquitto_rr", [...args, "-e", "elsewhere/reply", "-v"]);
      expect(asked).toMatchObject({ exitCode: 0, stdout: "elsewhere/reply 42\n" });
    });

    test("gets its correlation data back", async () => {
      await using setup = await setUp();
      await using device = await connectDevice(Number(setup.port), "my/replies");
      const correlationData = Buffer.from([0, 255, 7]);
      const properties = { responseTopic: "my/replies", correlationData };
      await device.client.publishAsync("math/double", "4", { qos: 1, properties });
      await device.waitForCount(1);
      expect(device.received[0]).toMatchObject({ text: "8" });
      const { correlationData: returned } = device.received[0]?.packet.properties ?? {};
      expect(Buffer.from(returned ?? []).equals(correlationData)).toBe(true);
    });

    test("with MQTT 3.1.1 gets it on the declared topic", async () => {
      await using setup = await setUp();
      const options = { protocolVersion: 4 } as const;
      await using device = await connectDevice(Number(setup.port), "greet/+/reply", options);
      await device.send("greet/ana", "olá");
      await device.waitForCount(1);
      expect(device.received[0]).toMatchObject({ topic: "greet/ana/reply", text: "olá, ana" });
    });

    test("1,000 requests at once each get their own answer", async () => {
      await using setup = await setUp();
      const flags = ["--broker", `mqtt://127.0.0.1:${setup.port}`];
      await using asker = await startWholeBridge({ handlers: [askTable], flags });
      await asker.app.link.connected();
      await using device = await connectDevice(Number(setup.port), "math/tabled");
      await device.send("math/table", 1_000);
      await device.waitForCount(1);
      const answers = JSON.parse(device.received[0]?.text ?? "");
      expect(answers).toEqual(Array.from({ length: 1_000 }, (_, at) => at * 2));
    });
  });
});

test("a message that asks for nothing is not answered", async () => {
  await using bridge = await startBridge({ handlers });
  await bridge.send(topic("math/double"), 4);
  await bridge.settled();
  expect(bridge.messages).toEqual([]);
});

test("an answer that does not fit its type is the handler's failure", async () => {
  const wrong = on(double, ({ payload }) => `${payload}` as unknown as number);
  await using bridge = await startBridge({ handlers: [wrong] });
  const asked = bridge.request(double, 4, { timeout: 50 });
  await expect(asked).rejects.toMatchObject({ code: "request_timeout" });
  await bridge.settled();
  expect(bridge.deadLetters).toMatchObject([
    { code: "handler_failed", reason: expect.stringContaining("expected number") },
  ]);
});

test("a reply that does not fit is the asker's error, and names who sent it", async () => {
  const loose = topic("math/double", { payload: t.Number() });
  await using bridge = await startBridge({ handlers: [on(loose, () => "four")] });
  await expect(bridge.request(double, 4)).rejects.toMatchObject({ code: "reply_invalid" });
});

test("who waits too long for a reply is told in time", async () => {
  const slow = on(topic("slow"), () => new Promise<void>(() => {}));
  await using bridge = await startBridge({ handlers: [slow] });
  const late = bridge.request(topic("slow"), 1, { timeout: 30 });
  await expect(late).rejects.toThrow("no reply from 'slow' within 30 ms");
});
