// What the explorer says of a topic's handler, from GET /handlers and /asyncapi.json of a bridge.

import { expect, test } from "bun:test";
import { on, t, topic } from "../../src/viaduto.ts";
import { createHandlerMarks } from "../../src/web/topics/handler-marks.ts";
import { toTypeWords } from "../../src/web/topics/type-words.ts";
import { startBridge } from "../kit/bridge.ts";

test("topics of handlers are found, with their types, and the broker's place", async () => {
  const payload = t.Object({ celsius: t.Number(), unit: t.Optional(t.String()) });
  await using bridge = await startBridge({
    handlers: [
      on(topic("rooms/{id}/temperature", { payload }), () => {}),
      on(topic("doors/{id}"), () => {}),
      on(topic("files/{rest...}", { content: "bytes" }), () => {}),
    ],
  });
  const asked: string[] = [];
  const ask = async <Answer>(path: string) => {
    asked.push(path);
    return (await (await fetch(`${bridge.url}/${path}`)).json()) as Answer;
  };
  const handlers = createHandlerMarks({ ask });
  expect(handlers.marks.value.find("doors/1")).toBeUndefined();
  await handlers.refresh();
  const { find, serverWords } = handlers.marks.value;
  expect(find("rooms/1/temperature")).toEqual({
    name: "rooms/{id}/temperature",
    topic: "rooms/{id}/temperature",
    type: "{celsius: number, unit?: string}",
  });
  expect(find("doors/1")?.topic).toBe("doors/{id}");
  expect(find("files/a/b")?.type).toBe("bytes");
  expect(find("rooms/1")).toBeUndefined();
  expect(serverWords).toBe(`-h 127.0.0.1 -p ${bridge.mqttPort}`);
  await handlers.refresh();
  // The document is asked for again when there are other handlers alone.
  expect(asked).toEqual(["handlers", "asyncapi.json", "handlers"]);
});

test("without an answer there are no marks", async () => {
  const handlers = createHandlerMarks({ ask: () => Promise.reject(new Error("nobody is there")) });
  await handlers.refresh();
  expect(handlers.marks.value.find("a")).toBeUndefined();
});

test.each([
  [{ type: "string" }, "string"],
  [{ type: ["integer", "null"] }, "integer"],
  [{ const: "on" }, '"on"'],
  [{ enum: ["on", "off", 1] }, '"on" | "off" | 1'],
  [{ enum: ["a", "b", "c", "d", "e"] }, '"a" | "b" | "c" | "d" | …'],
  [{ anyOf: [{ type: "number" }, { $ref: "#/defs/name" }] }, "number | string"],
  [{ type: "array", items: { type: "number" } }, "number[]"],
  [{ type: "object" }, "object"],
  [{ type: "object", properties: { a: { $ref: "#/defs/name" } } }, "{a?: string}"],
  [{}, "any"],
])("the schema %j is told as %s", (schema, words) => {
  expect(toTypeWords(schema, { defs: { name: { type: "string" } } })).toBe(words);
});
