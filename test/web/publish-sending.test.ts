// A message from the draft to the bridge: what is wrong with it, what is sent, what is kept,
// and how it is repeated.

import { describe, expect, test } from "bun:test";
import { type Draft, findProblems, toDraft } from "../../src/web/publish/publish-draft.ts";
import type { Outcome } from "../../src/web/publish/publish-outcome.ts";
import { createRepeater } from "../../src/web/publish/repeater.ts";
import { parseSaved } from "../../src/web/publish/saved-messages.ts";
import { toAskingPath, toBytes, toPublishBody } from "../../src/web/publish/sent-message.ts";
import { listSuggestions } from "../../src/web/publish/topic-suggestions.ts";

const HEARD: Outcome = { kind: "published", topic: "a", hearing: "heard", tookMs: 1 };

function write(part: Partial<Draft>): Draft {
  return toDraft({ topic: "a/b", ...part });
}

describe("a draft", () => {
  test.each([
    [{ topic: "" }, { topic: "topicMissing" }],
    [{ topic: "a/#" }, { topic: "topicWildcard" }],
    [{ topic: "a\u0000" }, { topic: "topicControl" }],
    [{ topic: "a/..", isAsking: true }, { topic: "topicDots" }],
    [{ topic: "a/.." }, {}],
    [{ text: "{" }, { text: "jsonBroken" }],
    [{ text: "{", encoding: "text" }, {}],
    [{ text: "" }, {}],
    [{ text: "YQ=", encoding: "base64" }, { text: "base64Broken" }],
    [{ text: "YQ==\n", encoding: "base64" }, {}],
    [{ expirySeconds: "1.5" }, { expirySeconds: "secondsWanted" }],
    [{ expirySeconds: "4294967296" }, { expirySeconds: "secondsWanted" }],
    [{ responseTopic: "a/+" }, { responseTopic: "topicWildcard" }],
    [{ correlation: "é", isCorrelationBase64: true }, { correlation: "base64Broken" }],
    [{ timeoutSeconds: "no" }, {}],
    [{ timeoutSeconds: "no", isAsking: true }, { timeoutSeconds: "timeoutWanted" }],
  ] as const)("%j has the problems %j", (part, problems) => {
    const message = write(part);
    expect(findProblems(message, message.topic)).toEqual(problems);
  });

  test("lacks a parameter of its pattern", () => {
    expect(findProblems(write({ topic: "a/{id}" }), "a/")).toEqual({ topic: "parameterMissing" });
  });

  test("is sent as it was written", () => {
    expect(toPublishBody(write({ text: '{ "a": 1.0 }' }), "a/b")).toEqual({
      topic: "a/b",
      payload: '{ "a": 1.0 }',
      qos: 1,
      retain: false,
    });
  });

  test("is sent with all its properties, and user properties in their order", () => {
    const message = write({
      text: "YQ ==",
      encoding: "base64",
      qos: 2,
      isRetained: true,
      contentType: "text/plain",
      expirySeconds: "0",
      responseTopic: "c",
      correlation: "YQ==",
      isCorrelationBase64: true,
      isUtf8: true,
      userProperties: [
        ["x", "1"],
        ["", ""],
        ["x", "2"],
      ],
    });
    expect(toPublishBody(message, "a/b")).toEqual({
      topic: "a/b",
      payload: "YQ==",
      payload_encoding: "base64",
      qos: 2,
      retain: true,
      properties: {
        payload_format_indicator: 1,
        message_expiry_interval: 0,
        content_type: "text/plain",
        correlation_data: "YQ==",
        correlation_data_encoding: "base64",
        user_properties: [
          ["x", "1"],
          ["x", "2"],
        ],
        response_topic: "c",
      },
    });
    expect(toBytes(message)).toEqual(new Uint8Array([97]));
  });

  test("is asked with its topic and properties in the address", () => {
    const message = write({
      timeoutSeconds: "1.5",
      responseTopic: "r",
      userProperties: [["x", "1"]],
    });
    const url = new URL(toAskingPath(message, "a b/ü?#"), "http://127.0.0.1/");
    expect(decodeURIComponent(url.pathname)).toBe("/rpc/a b/ü?#");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      qos: "1",
      timeout: "1500ms",
      reply_topic: "r",
      user_properties: '[["x","1"]]',
    });
  });
});

describe("saved messages", () => {
  test("are read as they were kept, whatever an older page left out", () => {
    const [saved] = parseSaved('[{"name":"one","message":{"topic":"a"}},{"name":1},null]');
    expect(saved).toMatchObject({ name: "one", message: { topic: "a", qos: 1, text: "" } });
  });

  test.each([undefined, "{", "{}", "[1]"])("are none in %p", (text) => {
    expect(parseSaved(text)).toEqual([]);
  });
});

test("suggestions are the handlers' topics first, then those seen, without the one typed", () => {
  const seen = [{ topic: "rooms/1" }, { topic: "Rooms/2" }, { topic: "lamps/1" }];
  expect(listSuggestions(["x/rooms/{id}", "y"], seen, "rooms/1")).toEqual([]);
  expect(listSuggestions(["x/rooms/{id}", "y"], seen, "rooms")).toEqual([
    "x/rooms/{id}",
    "rooms/1",
    "Rooms/2",
  ]);
  const many = Array.from({ length: 100 }, (_, at) => ({ topic: `t/${at}` }));
  expect(listSuggestions([], many, "t")).toHaveLength(40);
});

describe("a repetition", () => {
  function create() {
    const waiting: { run: () => void; ms: number }[] = [];
    const clock = { nowMs: 0 };
    const schedule = (run: () => void, ms: number) => {
      const one = { run, ms };
      waiting.push(one);
      return () => void waiting.splice(waiting.indexOf(one), 1);
    };
    const repeater = createRepeater(schedule, () => clock.nowMs);
    const next = async () => {
      waiting.shift()?.run();
      await Promise.resolve(); // The outcome is there at once.
      await Promise.resolve();
    };
    return { repeater, waiting, clock, next };
  }

  test("counts from one beginning to the next, and ends after as many as asked", async () => {
    const { repeater, waiting, clock, next } = create();
    const send = async () => {
      clock.nowMs += 30;
      return HEARD;
    };
    repeater.start(send, { everyMs: 100, timesMax: 2 });
    await next();
    expect(waiting.map(({ ms }) => ms)).toEqual([70]);
    await next();
    expect(waiting).toEqual([]);
    expect(repeater.state.value).toEqual({ kind: "stopped", reason: "done", sent: 2, unheard: 0 });
  });

  test("ends with the first that goes wrong", async () => {
    const { repeater, next, waiting } = create();
    repeater.start(async () => ({ kind: "failed", topic: "a", error: 1 }), {
      everyMs: 100,
      timesMax: undefined,
    });
    await next();
    expect(repeater.state.value).toMatchObject({ kind: "stopped", reason: "failed", sent: 0 });
    expect(waiting).toEqual([]);
  });

  test("sends no more once it is stopped, nor counts what comes then", async () => {
    const { repeater, next, waiting } = create();
    const sent = Promise.withResolvers<Outcome>();
    repeater.start(() => sent.promise, { everyMs: 100, timesMax: undefined });
    repeater.stop("hidden");
    sent.resolve(HEARD);
    await next();
    expect(repeater.state.value).toMatchObject({ kind: "stopped", reason: "hidden", sent: 0 });
    expect(waiting).toEqual([]);
  });

  test("counts what nobody heard", async () => {
    const { repeater, next } = create();
    const unheard = { ...HEARD, hearing: "unheard" as const };
    repeater.start(async () => unheard, { everyMs: 100, timesMax: undefined });
    await next();
    await next();
    expect(repeater.state.value).toEqual({ kind: "running", sent: 2, unheard: 2 });
    repeater.stop("reader");
  });
});
