// Where the past of a stream ends and what passes begins: no message is missed, and none comes
// twice, whatever the history has skipped.

import { expect, test } from "bun:test";
import type { PastHistory } from "../../src/http/stream-past.ts";
import { createStreams } from "../../src/http/streams.ts";
import { streamsRoute } from "../../src/http/streams-route.ts";
import { openVisit } from "../../src/http/visit.ts";
import { createLastValues } from "../../src/store/last-values.ts";
import { createObservation, type ObservedMessage } from "../../src/store/observation.ts";
import { Watch } from "../../src/store/watch.ts";

const LIMITS = {
  streamsMax: 10,
  streamsPerCallerMax: 10,
  streamFiltersMax: 10,
  streamMessagesMax: 1_000,
  streamBytesMax: 1 << 20,
  streamHeartbeatSeconds: 60,
};

function openParts() {
  const observation = createObservation();
  const values = createLastValues({ topicsMax: 1_000, bytesMax: 1 << 20 });
  observation.add(values.put);
  const recorded: ObservedMessage[] = [];
  const skipped = new Set<string>();
  observation.add((message) => {
    if (!skipped.has(String(message.payload))) recorded.push(message);
  });
  const streams = createStreams({
    watch: new Watch(observation),
    hold: async () => ({ [Symbol.dispose]: () => {} }),
    getState: () => ({ kind: "connected", broker: "b" }),
    limits: LIMITS,
  });
  const note = (text: string, topic = "a") => {
    observation.note(topic, { payload: Buffer.from(text), qos: 0, retain: false });
  };
  return { note, values, recorded, skipped, streams };
}

/** A history that is asked while messages pass. */
function createHistory(recorded: readonly ObservedMessage[], onFind: () => void): PastHistory {
  return {
    async find({ sinceId = 0, untilId = Number.MAX_SAFE_INTEGER, limit, order }) {
      onFind();
      const found = recorded.filter(({ id }) => id >= sinceId && id <= untilId);
      const inOrder = order === "oldest" ? found : found.toReversed();
      const whole = { payloadBytes: 1, isCut: false };
      return inOrder.slice(0, limit).map((message) => ({ ...message, ...whole }));
    },
  };
}

/** The payloads that come, up to that one. */
async function readPayloads(response: Response, last: string): Promise<string[]> {
  const payloads: string[] = [];
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const found = [...text.matchAll(/"payload":"([^"]*)"/g)].map(([, payload = ""]) => payload);
    if (found.includes(last)) {
      payloads.push(...found);
      break;
    }
  }
  return payloads;
}

function createRequest(query: string): Request {
  const request = new Request(`http://localhost/stream?filter=a&filter=b/%23&${query}`);
  const caller = { name: undefined, check: () => {}, may: () => true };
  const visit = { caller, id: "1", startedAtMs: 0, address: "", body: undefined };
  openVisit(request, { ...visit, trace: undefined, route: "" });
  return request;
}

test("a message that the history skips while the stream goes on comes by itself", async () => {
  const { note, recorded, skipped, ...parts } = openParts();
  note("before");
  const lastId = recorded[0]?.id;
  note("between");
  skipped.add("skipped");
  let isFirst = true;
  const history = createHistory(recorded, () => {
    if (!isFirst) return;
    isFirst = false;
    note("skipped");
    note("recorded");
  });
  const route = streamsRoute({ ...parts, history, resumeMessagesMax: 1_000 });
  const response = await route.handle(createRequest(`last_event_id=${lastId}`));
  const payloads = readPayloads(response, "last");
  while (isFirst) await new Promise((resolve) => setImmediate(resolve));
  note("last");
  expect(await payloads).toEqual(["between", "skipped", "recorded", "last"]);
});

test("last values of this very millisecond come, and none comes twice", async () => {
  const { note, ...parts } = openParts();
  const route = streamsRoute({ ...parts, history: undefined, resumeMessagesMax: 1_000 });
  const before = Array.from({ length: 200 }, (_, at) => `before-${at}`);
  for (const text of before) note(text, `b/${text}`);
  const opening = route.handle(createRequest("values=true"));
  while (parts.streams.size === 0) await Promise.resolve();
  note("after", "b/before-7");
  note("last");
  const payloads = await readPayloads(await opening, "last");
  const expected = before.filter((text) => text !== "before-7");
  expect(payloads.toSorted()).toEqual([...expected, "after", "last"].toSorted());
});
