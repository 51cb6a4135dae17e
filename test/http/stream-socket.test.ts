// The streams over a WebSocket: what is watched may change while it runs.

import { expect, test } from "bun:test";
import { startBridge } from "../kit/bridge.ts";
import { connectDevice } from "../kit/device.ts";
import { expectProblem } from "../kit/problems.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

type Frame = Readonly<Record<string, unknown>>;

async function connectStream(url: string, query = "") {
  const socket = new WebSocket(`${url.replace("http", "ws")}/stream${query}`);
  const frames: Frame[] = [];
  const changes = createChanges();
  const opened = Promise.withResolvers<unknown>();
  const closed = Promise.withResolvers<number>();
  socket.onopen = opened.resolve;
  socket.onmessage = ({ data }) => {
    frames.push(JSON.parse(String(data)) as Frame);
    changes.announce();
  };
  socket.onclose = ({ code }) => closed.resolve(code);
  await opened.promise;
  return {
    closed: closed.promise,
    send: (value: unknown) => socket.send(JSON.stringify(value)),
    sendText: (text: string) => socket.send(text),
    /** Takes the oldest frame of this event; waits for it. */
    next: (event: string) => {
      const take = () => {
        const at = frames.findIndex((frame) => frame.event === event);
        return at === -1 ? undefined : frames.splice(at, 1)[0];
      };
      return changes.wait(take, WAIT_TIMEOUT_MS, () => new Error(`no ${event} came`));
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed.promise;
    },
  };
}

test("filters come and go while it is open", async () => {
  await using bridge = await startBridge();
  await using device = await connectDevice(bridge.mqttPort);
  await using stream = await connectStream(bridge.url, "?filter=a/%23");
  expect(await stream.next("state")).toMatchObject({ state: "connected" });
  await device.send("a/1", "one");
  const first = await stream.next("message");
  expect(first).toMatchObject({ topic: "a/1", payload: "one", payload_encoding: "plain" });
  stream.send({ subscribe: ["b"], unsubscribe: ["a/#"] });
  expect(await stream.next("subscribed")).toEqual({ event: "subscribed", filters: ["b"] });
  await device.send("a/1", "two");
  await device.send("b", "three");
  expect(await stream.next("message")).toMatchObject({ topic: "b", payload: "three" });
});

test("what it does not understand is answered with an error, and it goes on", async () => {
  await using bridge = await startBridge();
  await using device = await connectDevice(bridge.mqttPort);
  await using stream = await connectStream(bridge.url);
  for (const text of ["no JSON", "null", '{"subscribe":"a"}', '{"sub":["a"]}']) {
    stream.sendText(text);
    expect(await stream.next("error")).toMatchObject({ code: "stream_frame_invalid" });
  }
  stream.send({ subscribe: ["a#"] });
  expect(await stream.next("error")).toMatchObject({ code: "filter_invalid" });
  stream.send({ subscribe: ["a"] });
  await device.send("b", "not this");
  stream.send({ subscribe: [] });
  await device.send("a", "this");
  expect(await stream.next("message")).toMatchObject({ payload: "this" });
});

test("one that goes frees all at once; a frame that is too large closes it", async () => {
  await using bridge = await startBridge();
  const { watch } = bridge.app.watching;
  {
    await using _ = await connectStream(bridge.url, "?filter=a");
    expect(watch.size).toBe(1);
  }
  while (watch.size > 0) await new Promise((resolve) => setImmediate(resolve));
  await using large = await connectStream(bridge.url);
  large.sendText("x".repeat(70_000));
  expect(await large.closed).toBe(1009);
});

test("a bridge that stops closes it", async () => {
  const bridge = await startBridge();
  await using stream = await connectStream(bridge.url, "?filter=a");
  await bridge[Symbol.asyncDispose]();
  expect(await stream.closed).toBe(1001);
});

test("a page of another site gets none; what is wrong is a problem before it opens", async () => {
  await using bridge = await startBridge();
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
  };
  const ask = (query: string, more = {}) => {
    return fetch(`${bridge.url}/stream${query}`, { headers: { ...headers, ...more } });
  };
  await expectProblem(await ask("", { Origin: "http://evil.example" }), 403, "origin_refused");
  await expectProblem(await ask("?filter=a%23"), 400, "filter_invalid");
  await expectProblem(await ask("?last_event_id=1"), 400, "query_invalid");
  expect(bridge.app.watching.watch.size).toBe(0);
});

test("the last values come first, if they are asked for", async () => {
  await using bridge = await startBridge();
  await using device = await connectDevice(bridge.mqttPort);
  await device.send("a/1", "before");
  await using stream = await connectStream(bridge.url, "?filter=a/%23&values=true");
  expect(await stream.next("message")).toMatchObject({ payload: "before", initial: true });
});
