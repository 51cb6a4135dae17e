// One trace from an HTTP request to a handler's reply, on the embedded broker and on Mosquitto:
// what a collector is told, and what stands in the messages.

import { describe, expect, test } from "bun:test";
import { on, t, topic } from "../../src/viaduto.ts";
import { startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { type Collector, openCollector } from "../kit/collector.ts";
import { connectDevice, type Received } from "../kit/device.ts";
import { describeIf } from "../kit/suites.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;

const state = topic("devices/{id}/state", { payload: t.Object({ on: t.Boolean() }) });
const answer = topic("devices/{id}/answer", { payload: t.Object({ ok: t.Boolean() }) });
const measure = topic("devices/{id}/measure", {
  payload: t.Object({}),
  reply: t.Object({ celsius: t.Number() }),
});
const room = topic("rooms/{id}", { payload: t.Object({}) });
const broken = topic("broken", { content: "text" });

const handlers = [
  on(state, async ({ params, publish, log }) => {
    log.info("in the handler");
    await publish(answer, params, { ok: true });
  }),
  on(measure, () => ({ celsius: 21 })),
  on(room, async ({ params, request, publish }) => {
    await request(measure, params, {});
    await publish(answer, params, { ok: true });
  }),
  on(broken, () => {
    throw new Error("no");
  }),
];

const toFlags = ({ url }: Collector) => [
  ...["--otlp-endpoint", url, "--otlp-protocol", "http/json", "--span-delay", "10"],
];

const userOf = (message: Received | undefined) => message?.packet.properties?.userProperties ?? {};

describe("the embedded broker", () => suite(async () => ({ flags: [], close: async () => {} })));

describeIf("mosquitto", "Mosquitto", () => {
  suite(async () => {
    const broker = await startMosquitto();
    return {
      flags: ["--broker", `mqtt://127.0.0.1:${broker.port}`],
      port: broker.port,
      close: async () => broker[Symbol.asyncDispose](),
    };
  });
});

type Place = { flags: string[]; port?: number; close: () => Promise<void> };

function suite(openPlace: () => Promise<Place>): void {
  async function open(filter: string, more: readonly string[] = []) {
    await using stack = new AsyncDisposableStack();
    const place = await openPlace();
    stack.defer(place.close);
    const collector = stack.use(openCollector());
    const flags = [...place.flags, ...toFlags(collector), ...more];
    const bridge = stack.use(await startBridge({ flags, handlers }));
    await bridge.app.link.connected();
    const device = stack.use(await connectDevice(place.port ?? bridge.mqttPort, filter));
    const owned = stack.move();
    const [exports, url] = [collector, bridge.url];
    return {
      bridge,
      device,
      collector: exports,
      url,
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  }

  test("an HTTP request, its publish, the handler and what that sends are one line", async () => {
    await using it = await open("devices/+/answer", ["--log-format", "json"]);
    const response = await fetch(`${it.url}/topics/devices/42/state?qos=1`, {
      method: "PUT",
      body: '{"on":true}',
      headers: { traceparent: TRACEPARENT, tracestate: "congo=t61rcWkgMzE" },
    });
    expect(response.status).toBe(200);
    const [received] = await it.device.waitForCount(1);
    const reply = await it.collector.waitForSpan("publish devices/{id}/answer");
    const process = await it.collector.waitForSpan("process devices/{id}/state");
    const publish = await it.collector.waitForSpan("publish");
    const server = await it.collector.waitForSpan("PUT /topics/*");

    const chain = [server, publish, process, reply];
    expect(chain.map(({ kind }) => kind)).toEqual([2, 4, 5, 4]);
    expect(chain.map(({ traceId }) => traceId)).toEqual([TRACE, TRACE, TRACE, TRACE]);
    expect(chain.map(({ parentSpanId }) => parentSpanId)).toEqual([
      PARENT,
      server.spanId,
      publish.spanId,
      process.spanId,
    ]);
    expect(response.headers.get("traceparent")).toBe(`00-${TRACE}-${server.spanId}-01`);
    expect(userOf(received)).toMatchObject({
      traceparent: `00-${TRACE}-${reply.spanId}-01`,
      tracestate: "congo=t61rcWkgMzE",
    });
    expect(server.attributes).toMatchObject({
      "http.request.method": "PUT",
      "http.route": "/topics/*",
      "http.response.status_code": 200,
      "url.path": "/topics/devices/42/state",
    });
    expect(process.attributes).toMatchObject({
      "messaging.system": "mqtt",
      "messaging.operation.type": "process",
      "messaging.destination.name": "devices/42/state",
      "messaging.destination.template": "devices/{id}/state",
    });
    const line = JSON.parse(await it.bridge.waitForLine(/in the handler/));
    expect(line).toMatchObject({ trace_id: TRACE, span_id: process.spanId });
    expect(it.collector.resource["service.name"]).toBe("viaduto");
  });

  test("a request of a handler, its answer and what follows stand below that handler", async () => {
    await using it = await open("devices/+/answer");
    await it.device.send("rooms/7", {});
    await it.device.waitForCount(1);
    const publish = await it.collector.waitForSpan("publish devices/{id}/answer");
    const request = await it.collector.waitForSpan("request devices/{id}/measure");
    const asked = await it.collector.waitForSpan("process devices/{id}/measure");
    const room = await it.collector.waitForSpan("process rooms/{id}");
    // The reply goes where the one who asks says.
    const reply = await it.collector.wait(() => {
      return it.collector.spans.find(({ parentSpanId }) => parentSpanId === asked.spanId);
    });
    expect([room.parentSpanId, request.parentSpanId, asked.parentSpanId]).toEqual([
      undefined,
      room.spanId,
      request.spanId,
    ]);
    expect([reply.name, publish.parentSpanId]).toEqual(["publish", room.spanId]);
    expect(new Set(it.collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  test("what fails says its code; a message with two contexts begins a trace anew", async () => {
    await using it = await open("nothing");
    const traceparent = [TRACEPARENT, TRACEPARENT.replace(PARENT, "a".repeat(16))];
    const properties = { userProperties: { traceparent } };
    await it.device.client.publishAsync("broken", "x", { qos: 1, properties });
    const process = await it.collector.waitForSpan("process broken");
    expect(process).toMatchObject({ isFailed: true, parentSpanId: undefined });
    expect(process.traceId).not.toBe(TRACE);
    expect(process.attributes["error.type"]).toBe("handler_failed");
    await it.device.client.publishAsync("devices/1/state", "no JSON", { qos: 1 });
    const unfit = await it.collector.waitForSpan("process devices/{id}/state");
    expect([unfit.isFailed, unfit.attributes["error.type"]]).toEqual([true, "payload_invalid"]);
    const missing = await fetch(`${it.url}/nix`);
    expect(missing.status).toBe(404);
    const server = await it.collector.waitForSpan("GET");
    expect(server).toMatchObject({ isFailed: false });
    expect(server.attributes).not.toHaveProperty("http.route");
  });
}
