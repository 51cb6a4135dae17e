// Server-sent events over real sockets, on the embedded broker and on Mosquitto.

import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { readEvents } from "../kit/event-reader.ts";
import { expectProblem } from "../kit/problems.ts";
import { describeIf } from "../kit/suites.ts";

type Place = AsyncDisposable & { readonly bridge: Bridge; readonly mqttPort: number };

async function startEmbedded(flags: readonly string[] = []): Promise<Place> {
  const bridge = await startBridge({ flags });
  const { mqttPort } = bridge;
  return { bridge, mqttPort, [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose]() };
}

async function startExternal(flags: readonly string[] = []): Promise<Place> {
  const stack = new AsyncDisposableStack();
  const { port: mqttPort } = stack.use(await startMosquitto());
  const broker = ["--broker", `mqtt://127.0.0.1:${mqttPort}`];
  const bridge = stack.use(await startBridge({ flags: [...broker, ...flags] }));
  await bridge.app.link.connected();
  return { bridge, mqttPort, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function describeStreams(start: typeof startEmbedded): void {
  test("a device's message is an event, with all that is known of it", async () => {
    await using place = await start();
    await using device = await connectDevice(place.mqttPort);
    await using reader = await readEvents(`${place.bridge.url}/topics/room/%23`);
    expect(reader.response.headers.get("Content-Type")).toStartWith("text/event-stream");
    expect((await reader.next("state")).data).toMatchObject({ state: "connected" });
    await device.client.publishAsync("room/1", '{"celsius":21}', {
      qos: 1,
      properties: { contentType: "application/json", userProperties: { a: "b" } },
    });
    const { id, data } = await reader.next("message");
    expect(data).toEqual({
      id: id as number,
      at: new Date(Number(id) / 1000).toISOString(),
      topic: "room/1",
      qos: 1,
      retain: false,
      payload: '{"celsius":21}',
      payload_encoding: "plain",
      payload_bytes: 14,
      properties: { content_type: "application/json", user_properties: { a: "b" } },
    });
  });

  test("a payload that is no text comes as base64, on one line", async () => {
    await using place = await start();
    await using device = await connectDevice(place.mqttPort);
    await using reader = await readEvents(`${place.bridge.url}/stream?filter=raw`);
    await device.client.publishAsync("raw", Buffer.from([0xff, 0, 10, 13]), { qos: 1 });
    const { data } = await reader.next("message");
    expect(data).toMatchObject({ payload: "/wAKDQ==", payload_encoding: "base64" });
  });

  test("a message that several filters match comes once, whoever has published it", async () => {
    await using place = await start();
    await using device = await connectDevice(place.mqttPort);
    const query = "filter=a/%23&filter=a/%2B&filter=b";
    await using reader = await readEvents(`${place.bridge.url}/stream?${query}`);
    await device.send("a/1", "device");
    await reader.next("message", ({ payload }) => payload === "device");
    await fetch(`${place.bridge.url}/topics/a/1`, { method: "PUT", body: "http" });
    await reader.next("message", ({ payload }) => payload === "http");
    await device.send("b", "last");
    await reader.next("message", ({ payload }) => payload === "last");
    const payloads = reader.events.map(({ data }) => data.payload).filter(Boolean);
    expect(payloads).toEqual(["device", "http", "last"]);
  });

  test("what is not watched does not come", async () => {
    await using place = await start();
    await using device = await connectDevice(place.mqttPort);
    await using reader = await readEvents(`${place.bridge.url}/topics/a/+/c`);
    await device.send("a/b", "1");
    await device.send("a/b/d", "2");
    await device.send("a/b/c", "3");
    expect((await reader.next("message")).data.payload).toBe("3");
  });

  test("with ?values=true the last known values come first, marked", async () => {
    await using place = await start();
    await using device = await connectDevice(place.mqttPort);
    {
      await using first = await readEvents(`${place.bridge.url}/topics/v/%23`);
      await device.send("v/1", "old");
      await device.send("v/1", "new");
      await first.next("message", ({ payload }) => payload === "new");
    }
    await using reader = await readEvents(`${place.bridge.url}/topics/v/%23?values=true`);
    const value = await reader.next("message");
    expect(value).toMatchObject({ id: undefined, data: { payload: "new", initial: true } });
    await device.send("v/1", "live");
    const live = await reader.next("message");
    expect(live.data).toMatchObject({ payload: "live" });
    expect(live.data.initial).toBeUndefined();
  });

  test("a client that goes frees its stream at once", async () => {
    await using place = await start();
    const { watch } = place.bridge.app.watching;
    for (let round = 0; round < 3; round++) {
      await using _ = await readEvents(`${place.bridge.url}/topics/a`);
      expect(watch.size).toBe(1);
    }
    await waitUntilGone(watch);
    expect(watch.size).toBe(0);
  });

  test("a bridge that stops ends its streams", async () => {
    const place = await start();
    await using reader = await readEvents(`${place.bridge.url}/topics/a`);
    await place[Symbol.asyncDispose]();
    await reader.ended;
  });
}

/** Looks again after each turn of the event loop: what has gone is told to nobody. */
async function waitUntilGone(watch: { readonly size: number }): Promise<void> {
  while (watch.size > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe("at the embedded broker", () => describeStreams(startEmbedded));
describeIf("mosquitto", "at Mosquitto", () => describeStreams(startExternal));

describe("a stream is refused", () => {
  test("without a filter, over what is none, and over a query that is not known", async () => {
    await using bridge = await startBridge();
    const ask = (path: string) => fetch(`${bridge.url}${path}`, { headers: EVENTS });
    await expectProblem(await ask("/stream"), 400, "query_invalid");
    await expectProblem(await ask("/stream?filter=a%23"), 400, "filter_invalid");
    await expectProblem(await ask("/stream?filter={x}"), 400, "filter_invalid");
    await expectProblem(await ask("/stream?filter=a&filters=b"), 400, "query_invalid");
    await expectProblem(await ask("/stream?filter=a&coalesce=0"), 400, "query_invalid");
    await expectProblem(await ask("/topics/a?last_event_id=x"), 400, "query_invalid");
    await expectProblem(await ask("/topics/a?values=yes"), 400, "query_invalid");
    await expectProblem(await ask("/topics/%e0%a4"), 400, "topic_invalid");
    expect(bridge.app.watching.watch.size).toBe(0);
  });

  test("when there are as many as may be, of one address and in all", async () => {
    await using few = await startBridge({ flags: ["--streams-per-caller-max", "1"] });
    await using one = await readEvents(`${few.url}/topics/a`);
    expect(one.response.status).toBe(200);
    const refused = await fetch(`${few.url}/stream?filter=a`);
    await expectProblem(refused, 429, "caller_streams_full");
    expect(refused.headers.get("Retry-After")).not.toBeNull();

    await using none = await startBridge({ flags: ["--streams-max", "1"] });
    await using other = await readEvents(`${none.url}/topics/a`);
    expect(other.response.status).toBe(200);
    await expectProblem(await fetch(`${none.url}/stream?filter=a`), 503, "streams_full");
  });

  test("with more filters than may be", async () => {
    await using bridge = await startBridge({ flags: ["--stream-filters-max", "2"] });
    const response = await fetch(`${bridge.url}/stream?filter=a&filter=b&filter=c`);
    await expectProblem(response, 400, "stream_filters_full");
    expect(bridge.app.watching.watch.size).toBe(0);
  });
});

test("HEAD tells what a stream would be, and opens none", async () => {
  await using bridge = await startBridge();
  for (const path of ["/stream?filter=a", "/topics/a"]) {
    const response = await fetch(`${bridge.url}${path}`, { method: "HEAD", headers: EVENTS });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toStartWith("text/event-stream");
  }
  expect(bridge.app.watching.watch.size).toBe(0);
});

test("clients that leave before they have an answer leave nothing behind", async () => {
  await using bridge = await startBridge();
  const { httpPort, watching } = bridge.app;
  const left = Array.from({ length: 50 }, (_, at) => {
    const socket = connect(httpPort, "127.0.0.1", () => {
      socket.write("GET /stream?filter=a HTTP/1.1\r\nHost: localhost\r\n\r\n", () => {
        if (at % 2 === 0) socket.destroy();
        else socket.resetAndDestroy();
      });
    });
    return new Promise((resolve) => socket.once("close", resolve));
  });
  await Promise.all(left);
  // Whoever comes now is answered after them.
  await using _ = await readEvents(`${bridge.url}/topics/a`);
  while (watching.watch.size > 1) await new Promise((resolve) => setImmediate(resolve));
  expect(watching.watch.size).toBe(1);
});

test("a stream without messages sends signs of life", async () => {
  await using bridge = await startBridge({ flags: ["--stream-heartbeat", "1"] });
  await using reader = await readEvents(`${bridge.url}/topics/a`);
  await reader.waitForComments(2);
  expect(reader.comments[0]).toBe(": still here");
});

test("with ?coalesce only the newest of each topic comes, and nothing is missed", async () => {
  await using bridge = await startBridge();
  await using device = await connectDevice(bridge.mqttPort);
  await using reader = await readEvents(`${bridge.url}/topics/%23?coalesce=200`);
  await reader.next("state");
  await device.send("a", "first");
  await reader.next("message", ({ payload }) => payload === "first");
  for (let at = 0; at < 20; at++) device.client.publish("a", String(at), { qos: 1 });
  await device.send("a", "last");
  await reader.next("message", ({ payload }) => payload === "last");
  expect(reader.events.length).toBeLessThan(12);
  expect(reader.events.some(({ event }) => event === "missed")).toBe(false);
});

test("with ?coalesce all topics that change come, also more than may wait else", async () => {
  await using bridge = await startBridge({ flags: ["--stream-messages-max", "1"] });
  await using device = await connectDevice(bridge.mqttPort);
  await using reader = await readEvents(`${bridge.url}/topics/%23?coalesce=200`);
  await reader.next("state");
  await device.send("first", "x");
  await reader.next("message", ({ payload }) => payload === "x");
  const topics = Array.from({ length: 50 }, (_, at) => `many/${at}`);
  for (const topic of topics) device.client.publish(topic, "y", { qos: 1 });
  await device.send("last", "z");
  await reader.next("message", ({ payload }) => payload === "z");
  expect(reader.events.some(({ event }) => event === "missed")).toBe(false);
  expect(reader.events.filter(({ event }) => event === "message")).toHaveLength(52);
});

test("who goes on without a history is told that there is a gap", async () => {
  await using bridge = await startBridge();
  await using reader = await readEvents(`${bridge.url}/topics/a`, { "Last-Event-ID": "5" });
  expect((await reader.next("missed")).data).toEqual({ coalesced: 0, dropped: 0, gap: true });
});

const EVENTS = { Accept: "text/event-stream" } as const;
