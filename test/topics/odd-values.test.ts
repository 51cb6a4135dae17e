// Values at the edges: what has no topic, no text or no JSON is an error, and never another value.

import { expect, test } from "bun:test";
import { buildTopic, parsePattern } from "../../src/topics/pattern.ts";
import { t, topic } from "../../src/topics/topic.ts";

test("a parameter cannot lead to the broker's topics", () => {
  const build = () => buildTopic(parsePattern("{area}/status"), { area: "$SYS" });
  expect(build).toThrow("topics that begin with $ are the broker's");
  expect(buildTopic(parsePattern("area/{name}"), { name: "$x" })).toBe("area/$x");
});

test("a parameter that is not given is not found elsewhere", () => {
  expect(() => buildTopic(parsePattern("a/{constructor}"), {})).toThrow("it is empty");
});

test("a topic of 101 levels is over the limit however short it is", () => {
  expect(() => parsePattern("/".repeat(100))).toThrow("over 100 levels");
  expect(parsePattern("/".repeat(99)).levels).toHaveLength(100);
});

test("text comes back as it was, and what UTF-8 cannot say is refused", () => {
  const { codec } = topic("a", { content: "text" });
  for (const text of ["", "\ufeffwith a mark", "😀"]) {
    expect(codec.decode(codec.encode(text))).toBe(text);
  }
  expect(() => codec.encode("half \ud83d")).toThrow("expected valid Unicode");
});

test("bytes are JSON on a JSON topic, and bytes on a topic of bytes", () => {
  const bytes = new Uint8Array([1, 2]);
  expect(String(topic("a").codec.encode(bytes))).toBe('{"0":1,"1":2}');
  expect([...topic("a", { content: "bytes" }).codec.encode(bytes)]).toEqual([1, 2]);
  const strict = topic("a", { content: "bytes", payload: t.Unknown() });
  expect(() => strict.codec.encode("text")).toThrow("expected bytes");
});

test("a date-time is one of the calendar", () => {
  const { codec } = topic("a", { payload: t.String({ format: "date-time" }) });
  const good = ["2024-02-29T00:00:00Z", "2025-12-31T23:59:60Z", "2025-01-01t01:02:03.4+05:30"];
  for (const text of good) expect(codec.decode(codec.encode(text))).toBe(text);
  const bad = ["2025-02-29T00:00:00Z", "2025-02-30T00:00:00Z", "2025-01-01T24:00:00Z", "today"];
  for (const text of bad) expect(() => codec.encode(text)).toThrow("date-time");
});
