// GET /metrics, read by a strict reader, on the embedded broker and on Mosquitto: the figures move
// with what happens, and nothing that a stranger chooses is a label.

import { describe, expect, test } from "bun:test";
import { describeWatchers } from "../../src/app/watching-metrics.ts";
import { on, t, topic } from "../../src/viaduto.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { readEvents } from "../kit/event-reader.ts";
import { type ReadFamily, readMetrics } from "../kit/metrics-reader.ts";
import { expectProblem } from "../kit/problems.ts";
import { describeIf } from "../kit/suites.ts";

const job = topic("jobs/{id}", { payload: t.Object({ ok: t.Boolean() }) });
const done = topic("done/{id}", { payload: t.Object({}) });
const handlers = [
  on(
    job,
    async ({ payload, params, publish }) => {
      if (!payload.ok) throw new Error("no");
      await publish(done, params, {});
    },
    { retries: { times: 1, delay: 0 } },
  ),
];

type Figures = ReadonlyMap<string, ReadFamily>;

async function read({ url }: Pick<Bridge, "url">): Promise<Figures> {
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return readMetrics(await response.text(), "prometheus");
}

/** The value of the sample with these labels; 0 when there is none. */
function find(figures: Figures, name: string, labels: Record<string, string> = {}): number {
  const family = figures.get(name) ?? figures.get(name.replace(/_(count|sum|bucket)$/, ""));
  if (!family) throw new Error(`there is no ${name}`);
  const isMeant = (sample: ReadFamily["samples"][number]) => {
    return sample.name === name && Object.entries(labels).every(([k, v]) => sample.labels[k] === v);
  };
  return family.samples.find(isMeant)?.value ?? 0;
}

async function work(bridge: Bridge, port: number): Promise<void> {
  await using device = await connectDevice(port, "done/#");
  await device.send("jobs/secret-id", { ok: true });
  await device.waitForCount(1);
  await device.send("jobs/secret-id", { ok: false });
  await bridge.waitForLine(/is dead letter 1/);
  await device.send("jobs/secret-id", "no JSON");
  await bridge.waitForLine(/is dead letter 2/);
  const body = JSON.stringify({ topic: "done/http-id", payload: {}, qos: 1 });
  expect((await fetch(`${bridge.url}/publish`, { method: "POST", body })).status).toBe(200);
  await fetch(`${bridge.url}/publish`, { method: "POST", body: "no JSON" });
  await fetch(`${bridge.url}/topics/secret-topic`);
  await fetch(`${bridge.url}/secret-path`);
}

function expectWork(figures: Figures): void {
  const handler = { handler: "jobs/{id}" };
  const http = { method: "POST", route: "/publish" };
  const values = {
    received: find(figures, "viaduto_handler_received_messages_total", handler),
    handled: find(figures, "viaduto_handler_handled_messages_total", handler),
    failed: find(figures, "viaduto_handler_failures_total", { ...handler, code: "handler_failed" }),
    unfit: find(figures, "viaduto_handler_failures_total", { ...handler, code: "payload_invalid" }),
    retried: find(figures, "viaduto_handler_retries_total", handler),
    deadLetters: find(figures, "viaduto_handler_dead_letters_total", handler),
    runs: find(figures, "viaduto_handler_duration_seconds_count", handler),
    kept: find(figures, "viaduto_dead_letters"),
    published: find(figures, "viaduto_http_requests_total", { ...http, status: "200" }),
    malformed: find(figures, "viaduto_http_requests_total", { ...http, status: "400" }),
    unknown: find(figures, "viaduto_http_requests_total", { route: "", status: "404" }),
    connected: find(figures, "viaduto_link_state", { state: "connected" }),
    outbox: find(figures, "viaduto_link_outbox_messages"),
    inbox: find(figures, "viaduto_link_inbox_messages"),
  };
  expect(values).toEqual({
    received: 3,
    handled: 1,
    failed: 2,
    unfit: 1,
    retried: 1,
    deadLetters: 2,
    runs: 3,
    kept: 2,
    published: 1,
    malformed: 1,
    unknown: 1,
    connected: 1,
    outbox: 0,
    inbox: 0,
  });
  expect(find(figures, "viaduto_link_published_messages_total")).toBeGreaterThanOrEqual(2);
  expect(find(figures, "viaduto_link_acknowledged_messages_total")).toBeGreaterThanOrEqual(2);
  expect(find(figures, "viaduto_link_round_trip_seconds_count")).toBeGreaterThanOrEqual(1);
  expect(find(figures, "viaduto_process_resident_memory_bytes")).toBeGreaterThan(1 << 20);
  expect(find(figures, "viaduto_build_info")).toBe(1);
}

test("what happens moves the figures, and no topic, path or id is among them", async () => {
  await using bridge = await startBridge({ handlers });
  await work(bridge, bridge.mqttPort);
  const figures = await read(bridge);
  expectWork(figures);
  const into = { direction: "in" };
  expect(find(figures, "viaduto_broker_messages_total", into)).toBeGreaterThanOrEqual(5);
  expect(find(figures, "viaduto_broker_payload_bytes_total", into)).toBeGreaterThan(20);
  expect(find(figures, "viaduto_broker_clients", { state: "connected" })).toBeWithin(1, 3);
  const text = await (await fetch(`${bridge.url}/metrics`)).text();
  expect(text).not.toMatch(/secret|http-id/);
});

test("the broker tells what it dropped and refused, and why", async () => {
  await using bridge = await startBridge({
    flags: ["--queue-messages-max", "1", "--log-level", "debug"],
  });
  const away = await connectDevice(bridge.mqttPort, "a", {
    clientId: "away",
    clean: false,
    properties: { sessionExpiryInterval: 60 },
  });
  await away[Symbol.asyncDispose]();
  await bridge.waitForLine(/'away' left|'away' is gone/);
  await using device = await connectDevice(bridge.mqttPort);
  for (const payload of ["1", "2", "3"]) await device.send("a", payload);
  await device.send("b", "x", { retain: true });
  const figures = await read(bridge);
  const full = { cause: "queue_full" };
  expect(find(figures, "viaduto_broker_dropped_messages_total", full)).toBe(2);
  expect(find(figures, "viaduto_broker_clients", { state: "away" })).toBe(1);
  expect(find(figures, "viaduto_broker_queued_messages")).toBe(1);
  expect(find(figures, "viaduto_broker_subscriptions")).toBeGreaterThanOrEqual(1);
});

describeIf("mosquitto", "with Mosquitto", () => {
  test("the same figures but the broker's, and reconnects are counted", async () => {
    await using broker = await startMosquitto();
    const flags = ["--broker", `mqtt://127.0.0.1:${broker.port}`];
    await using bridge = await startBridge({ handlers, flags });
    await bridge.app.link.connected();
    await work(bridge, broker.port);
    const figures = await read(bridge);
    expectWork(figures);
    expect([...figures.keys()].filter((name) => name.startsWith("viaduto_broker_"))).toEqual([]);
    await broker.restart();
    await bridge.waitForLine(/lost|closed/);
    await bridge.app.link.connected();
    expect(find(await read(bridge), "viaduto_link_reconnects_total")).toBe(1);
  });
});

describe("the route", () => {
  test("speaks OpenMetrics when it is asked to, with the same figures", async () => {
    await using bridge = await startBridge();
    const headers = { accept: "application/openmetrics-text; version=1.0.0,text/plain;q=0.5" };
    const response = await fetch(`${bridge.url}/metrics`, { headers });
    expect(response.headers.get("content-type")).toStartWith("application/openmetrics-text");
    const open = readMetrics(await response.text(), "openmetrics");
    const names = [...(await read(bridge)).keys()].map((name) => {
      return name.replace(/_(total|info)$/, "");
    });
    expect([...open.keys()]).toEqual(names);
    expect(open.get("viaduto_uptime_seconds")?.unit).toBe("seconds");
  });

  test("refuses a query", async () => {
    await using bridge = await startBridge();
    await expectProblem(await fetch(`${bridge.url}/metrics?x=1`), 400, "query_invalid");
  });

  test("methods that nobody needs, and paths without end, are one sample each", async () => {
    await using bridge = await startBridge();
    for (const path of ["/a", "/b", "/c"]) await fetch(bridge.url + path, { method: "GET" });
    // Of HTTP, and not of ours; what is none at all, Bun refuses before anyone sees it.
    for (const method of ["PROPFIND", "LOCK"]) await fetch(`${bridge.url}/x`, { method });
    const figures = await read(bridge);
    const of = (method: string) => find(figures, "viaduto_http_requests_total", { method });
    expect([of("GET"), of("_OTHER"), of("LOCK")]).toEqual([3, 2, 0]);
  });
});

test("every request is counted under its route, those of who supervises as well", async () => {
  await using bridge = await startBridge();
  const paths = ["/", "/health", "/ready", "/topics", "/openapi.json"];
  for (const path of paths) await (await fetch(`${bridge.url}${path}`)).text();
  const figures = await read(bridge);
  for (const route of paths) {
    expect(find(figures, "viaduto_http_requests_total", { route, status: "200" })).toBe(1);
  }
});

test("what is recorded and skipped is counted, and who watches and waits", async () => {
  await using bridge = await startBridge({ flags: ["--history-per-second-max", "1"] });
  const { watching, observing } = bridge.app;
  const body = JSON.stringify(Array(20).fill({ topic: "busy", payload: "x" }));
  await fetch(`${bridge.url}/publish/bulk`, { method: "POST", body });
  await fetch(`${bridge.url}/history`); // What came before a question is written then.
  await using stream = await readEvents(`${bridge.url}/stream?filter=%23`);
  await stream.next("state");
  const leaving = new AbortController();
  const waiting = fetch(`${bridge.url}/topics/never?wait=10m`, { signal: leaving.signal });
  let figures = await read(bridge);
  while (find(figures, "viaduto_waiters") === 0) figures = await read(bridge);
  const recorded = find(figures, "viaduto_history_recorded_messages_total");
  const skipped = find(figures, "viaduto_history_skipped_messages_total");
  expect(recorded).toBeGreaterThan(0);
  expect(skipped).toBeGreaterThan(0);
  expect(recorded + skipped).toBeGreaterThanOrEqual(20);
  expect(find(figures, "viaduto_history_bytes")).toBeGreaterThan(0);
  expect(find(figures, "viaduto_streams")).toBe(1);
  expect(find(figures, "viaduto_waiters")).toBe(1);
  expect(find(figures, "viaduto_topics_bytes")).toBe(observing.values.bytes);
  // Nobody has read it yet: it came in this very turn.
  observing.observation.note("busy", { payload: Buffer.alloc(1_000), qos: 0, retain: false });
  const samples = describeWatchers(watching.watch, 0).map((family) => {
    return [family.name, "samples" in family ? family.samples[0]?.value : undefined];
  });
  const { waitingBytes } = watching.watch;
  expect(waitingBytes).toBeGreaterThan(1_000);
  expect(samples).toContainEqual(["viaduto_streams_waiting_messages", 1]);
  expect(samples).toContainEqual(["viaduto_streams_waiting_bytes", waitingBytes]);
  leaving.abort();
  await waiting.catch(() => {});
});
