// GET /flows over real HTTP, with the real bridge: who sent a message, and what became of it.

import { describe, expect, test } from "bun:test";
import type { FlowJson } from "../../src/http/flow-schemas.ts";
import { on, t, topic } from "../../src/topics/language.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { describeIf } from "../kit/suites.ts";

type Page = { readonly flows: FlowJson[]; readonly next: number; readonly skipped: number };

const rooms = topic("rooms/{id}", { payload: t.Number() });
const alarms = topic("alarms/{id}", { payload: t.Number() });
const first = on(rooms, async ({ payload, params, publish }) => {
  if (payload < 0) throw new Error("too cold");
  await publish(alarms, params, payload);
});
const second = on(alarms, () => {});
const handlers = [first, second];

async function list(bridge: Bridge, query = ""): Promise<Page> {
  const answer = await fetch(`${bridge.url}/flows${query}`);
  expect(answer.status).toBe(200);
  return answer.json() as Promise<Page>;
}

/** Waits by the long poll itself. */
async function waitFor(bridge: Bridge, isIt: (flow: FlowJson) => boolean): Promise<FlowJson> {
  for (let after = 0; ; ) {
    const { flows, next } = await list(bridge, `?after=${after}&wait=10s`);
    const found = flows.find(isIt);
    if (found) return found;
    after = next;
  }
}

const isOver = (wanted: string) => (flow: FlowJson) => {
  return flow.topic === wanted && flow.status !== "running";
};

async function put(bridge: Bridge, path: string, body: string): Promise<void> {
  const headers = { "X-Request-Id": "request-1" };
  await fetch(`${bridge.url}/topics/${path}`, { method: "PUT", body, headers });
}

function expectTold(flow: FlowJson): void {
  expect(flow).toMatchObject({
    payload: "21",
    payload_encoding: "plain",
    payload_bytes: 2,
    qos: 1,
  });
  const [run] = flow.runs;
  expect(run).toMatchObject({ handler: "rooms/{id}", attempt: 1, outcome: "done" });
  expect(run?.publishes).toMatchObject([{ topic: "alarms/1", is_reply: false }]);
  expect(run?.publishes[0]?.acknowledged_ms).toBeNumber();
  const times = [0, flow.arrived_ms, run?.start_ms ?? 0, run?.publishes[0]?.sent_ms ?? 0];
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
  expect(run?.end_ms ?? 0).toBeGreaterThanOrEqual(times.at(-1) ?? 0);
}

async function tellsRequests(flags: readonly string[]): Promise<void> {
  await using bridge = await startBridge({ flags, handlers });
  await bridge.app.link.connected();
  await put(bridge, "rooms/1", "21");
  const child = await waitFor(bridge, isOver("alarms/1"));
  const parent = await waitFor(bridge, isOver("rooms/1"));
  expectTold(parent);
  const sender = { kind: "http", method: "PUT", route: "/topics/*", request_id: "request-1" };
  expect(parent.sender).toMatchObject(sender);
  expect(parent.sender.acknowledged_ms).toBeNumber();
  expect(child.sender).toMatchObject({ kind: "handler", handler: "rooms/{id}", flow: parent.id });
  expect(parent.runs[0]?.publishes[0]?.flow).toBe(child.id);
}

describe("with the embedded broker", () => {
  test("an HTTP request, and the flow of what its handler publishes", () => tellsRequests([]));

  test("a device has its client id", async () => {
    await using bridge = await startBridge({ handlers });
    await using device = await connectDevice(bridge.mqttPort, undefined, { clientId: "sensor" });
    await device.send("rooms/1", 21);
    const flow = await waitFor(bridge, isOver("rooms/1"));
    expectTold(flow);
    expect(flow.sender).toMatchObject({ kind: "client", client_id: "sensor", sent_ms: 0 });
  });
});

describeIf("mosquitto", "with Mosquitto", () => {
  test("an HTTP request, and the flow of what its handler publishes", async () => {
    await using mosquitto = await startMosquitto();
    await tellsRequests(["--broker", `mqtt://127.0.0.1:${mosquitto.port}`]);
  });

  test("whoever else is at the broker is the broker", async () => {
    await using mosquitto = await startMosquitto();
    const flags = ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`];
    await using bridge = await startBridge({ flags, handlers });
    await bridge.app.link.connected();
    await using device = await connectDevice(mosquitto.port);
    await device.send("rooms/1", 21);
    const flow = await waitFor(bridge, isOver("rooms/1"));
    expectTold(flow);
    expect(flow.sender).toEqual({ kind: "broker" });
  });
});

test("a failure is retried, buried and run again, and each leads to the other", async () => {
  const failing = on(
    rooms,
    () => {
      throw new Error("too cold");
    },
    { retries: { times: 1, delay: 1 } },
  );
  await using bridge = await startBridge({ handlers: [failing] });
  await put(bridge, "rooms/1", "21");
  const flow = await waitFor(bridge, isOver("rooms/1"));
  expect(flow.status).toBe("failed");
  expect(flow.runs.map(({ outcome }) => outcome)).toEqual(["retried", "dead_letter"]);
  const [, last] = flow.runs;
  expect(last).toMatchObject({ attempt: 2, code: "handler_failed", dead_letter: 1 });
  expect(last?.detail).toContain("too cold");
  await fetch(`${bridge.url}/dead-letters/1/redrive`, { method: "POST" });
  const again = await waitFor(bridge, ({ sender, status }) => {
    return sender.kind === "dead_letter" && status !== "running";
  });
  expect(again).toMatchObject({ sender: { dead_letter: 1 }, status: "failed" });
  const answer = (await (await fetch(`${bridge.url}/handlers`)).json()) as Handlers;
  const [told] = answer.handlers;
  expect(told?.last_failure).toMatchObject({ code: "handler_failed", flow: again.id });
  expect(told?.rate).toBeGreaterThan(0);
  expect(told?.p99_ms).toBeGreaterThanOrEqual(told?.p50_ms ?? Number.NaN);
});

type Handlers = {
  readonly handlers: {
    readonly rate: number;
    readonly p50_ms: number;
    readonly p99_ms: number;
    readonly last_failure: object;
  }[];
};

test("a payload that does not fit has a run of no attempt, and a long one is cut", async () => {
  const flags = ["--flow-payload-bytes-max", "4"];
  await using bridge = await startBridge({ flags, handlers });
  await put(bridge, "rooms/1", "no number");
  const flow = await waitFor(bridge, isOver("rooms/1"));
  expect(flow).toMatchObject({ payload: "no n", payload_bytes: 9, payload_cut: true });
  expect(flow.runs).toMatchObject([
    { attempt: 0, outcome: "dead_letter", code: "payload_invalid", dead_letter: 1 },
  ]);
});

test("no more are kept than may be, and what comes too fast is counted", async () => {
  const flags = ["--flows-max", "2"];
  await using bridge = await startBridge({ flags, handlers: [second] });
  for (let id = 1; id <= 4; id++) {
    await put(bridge, `alarms/${id}`, "1");
    await waitFor(bridge, isOver(`alarms/${id}`));
  }
  expect((await list(bridge)).flows.map((flow) => flow.topic)).toEqual(["alarms/3", "alarms/4"]);
  await using slow = await startBridge({
    flags: ["--flows-per-second-max", "1"],
    handlers: [second],
  });
  const bodies = [1, 2, 3].map((id) => ({ topic: `alarms/${id}`, payload: "1", qos: 1 }));
  await fetch(`${slow.url}/publish/bulk`, { method: "POST", body: JSON.stringify(bodies) });
  await waitFor(slow, isOver("alarms/1"));
  while ((await list(slow)).flows.length + (await list(slow)).skipped < 3);
  expect((await list(slow)).skipped).toBeGreaterThan(0);
});

test("the filter, the limit and the page after", async () => {
  await using bridge = await startBridge({ handlers });
  await put(bridge, "rooms/1", "21");
  await waitFor(bridge, isOver("alarms/1"));
  await waitFor(bridge, isOver("rooms/1"));
  const { flows } = await list(bridge, "?filter=alarms/%23");
  expect(flows.map((flow) => flow.topic)).toEqual(["alarms/1"]);
  const one = await list(bridge, "?after=0&limit=1");
  const other = await list(bridge, `?after=${one.next}&limit=1`);
  expect([one, other].map((page) => page.flows.length)).toEqual([1, 1]);
  expect(other.flows[0]?.id).not.toBe(one.flows[0]?.id);
  expect(await list(bridge, `?after=${other.next}&wait=1ms`)).toMatchObject({ flows: [] });
});

test("what is wrong with a request is told, and without flows all is", async () => {
  await using bridge = await startBridge({ handlers });
  for (const query of ["wait=x", "wait=11m", "after=-1", "limit=0", "filter=a%23", "x=1"]) {
    await expectProblem(await fetch(`${bridge.url}/flows?${query}`), 400, "query_invalid");
  }
  for (const id of ["1", "x", "%00"]) {
    await expectProblem(await fetch(`${bridge.url}/flows/${id}`), 404, "flow_unknown");
  }
  await using off = await startBridge({ flags: ["--flows-max", "0"], handlers });
  for (const path of ["/flows", "/flows/1"]) {
    await expectProblem(await fetch(off.url + path), 404, "flows_off");
  }
});
