import { describe, expect, test } from "bun:test";
import { buildTopic, checkTopic, matchPattern, parsePattern } from "../../src/topics/pattern.ts";
import { catchError } from "../config/settings-reader.ts";
import type { Random } from "../kit/random.ts";
import { startRandom } from "./random-topics.ts";

const literal = (text: string) => ({ kind: "literal", text });

/** The parameters of a topic as a plain object; undefined when it does not match. */
function match(pattern: string, topic: string) {
  const params = matchPattern(parsePattern(pattern), topic);
  return params && { ...params };
}

describe("a pattern", () => {
  test.each([
    ["a", "a", [literal("a")]],
    ["devices/update", "devices/update", [literal("devices"), literal("update")]],
    ["/a//", "/a//", [literal(""), literal("a"), literal(""), literal("")]],
    ["+/a", "+/a", [{ kind: "one" }, literal("a")]],
    ["#", "#", [{ kind: "rest" }]],
    ["a/{id}", "a/+", [literal("a"), { kind: "one", param: "id" }]],
    ["{rest...}", "#", [{ kind: "rest", param: "rest" }]],
    [
      "{_a1}/{B...}",
      "+/#",
      [
        { kind: "one", param: "_a1" },
        { kind: "rest", param: "B" },
      ],
    ],
    ["$SYS/#", "$SYS/#", [literal("$SYS"), { kind: "rest" }]],
    ["a b/漢/😀", "a b/漢/😀", [literal("a b"), literal("漢"), literal("😀")]],
  ])("%s has the filter %s", (text, filter, levels) => {
    const pattern = parsePattern(text);
    expect(pattern as object).toEqual({ text, filter, levels, hasParams: /\{/.test(text) });
  });

  test("may be as long, and as deep, as MQTT and the embedded broker allow", () => {
    expect(parsePattern("x".repeat(65_535)).filter).toHaveLength(65_535);
    expect(parsePattern("ab/".repeat(99)).levels).toHaveLength(100);
    expect(parsePattern("/".repeat(99)).levels).toHaveLength(100);
  });

  test.each([
    ["empty", "", "it is empty"],
    ["with NUL", "a\0b", "it has a NUL character"],
    ["with a control character", "a\u001fb", "it has a control character"],
    ["with one of the later ones", "a\u007f", "it has a control character"],
    ["with half a character", "a/\ud83d", "it is not valid Unicode"],
    ["with the other half", "\ude00", "it is not valid Unicode"],
    ["too long", "x".repeat(65_536), "it is over 65535 bytes"],
    ["too long in bytes alone", "漢".repeat(21_846), "it is over 65535 bytes"],
    ["too deep", "ab/".repeat(100), "it is over 100 levels"],
    ["with # in the middle", "a/#/b", "# is only allowed at the end"],
    ["with # before an empty level", "#/", "# is only allowed at the end"],
    ["with the rest first", "{r...}/b", "{r...} is only allowed at the end"],
    ["with two rests", "{r...}/#", "{r...} is only allowed at the end"],
    ["with one name twice", "{a}/b/{a}", "{a} stands in it twice"],
    ["with one name twice, once as rest", "{a}/{a...}", "{a} stands in it twice"],
    ...["a+", "+a", "++", "a#", "##", "+#", "{a}b", "a{b}", "{a", "a}", "{}", "{{a}}"]
      .concat("{1a}", "{a-b}", "{a b}", "{...}", "{a..}", "{a....}", "{a}{b}", "{ä}")
      .map((level) => [
        `with the level ${JSON.stringify(level)}`,
        `x/${level}/y`,
        `'${level}' mixes text with +, #, { or }`,
      ]),
  ])("%s is refused", (_, pattern = "", reason = "") => {
    const error = catchError(() => parsePattern(pattern));
    expect(error).toMatchObject({ code: "pattern_invalid", facts: { pattern, reason } });
    expect([error.exitCode, error.message]).toEqual([2, expect.stringContaining(reason)]);
  });
});

describe("a topic", () => {
  test.each([
    ["a/b", "a/b", {}],
    ["a/{x}", "a/b", { x: "b" }],
    ["a/{x}", "a/", { x: "" }],
    ["{x}/{y}", "/", { x: "", y: "" }],
    ["+/+", "/finance", {}],
    ["/+", "/finance", {}],
    ["a/+/c", "a//c", {}],
    ["a/#", "a", {}],
    ["a/#", "a/", {}],
    ["a/#", "a/b/c", {}],
    ["#", "/", {}],
    ["a/{r...}", "a", { r: "" }],
    ["a/{r...}", "a/b", { r: "b" }],
    ["a/{r...}", "a/b//c/", { r: "b//c/" }],
    ["{x}/{r...}", "a/b/c", { x: "a", r: "b/c" }],
    ["{all...}", "a/b", { all: "a/b" }],
    ["$SYS/#", "$SYS", {}],
    ["$SYS/{x}", "$SYS/$y", { x: "$y" }],
    ["a/{x}", "a/$y", { x: "$y" }],
    ["{x}", "漢😀", { x: "漢😀" }],
    ["{x}", "{x}", { x: "{x}" }],
  ])("of %s may be %s", (pattern, topic, params) => {
    expect(match(pattern, topic)).toEqual(params);
  });

  test.each([
    ["a/b", "a"],
    ["a/b", "a/b/c"],
    ["a/b", "a/b/"],
    ["a/b", "A/b"],
    ["a/b", "/a/b"],
    ["+", "/finance"],
    ["+", "a/"],
    ["a/+", "a"],
    ["a/+/#", "a"],
    ["a/{r...}", "ab"],
    ["#", "$SYS"],
    ["#", "$SYS/uptime"],
    ["+/uptime", "$SYS/uptime"],
    ["{x}/uptime", "$SYS/uptime"],
    ["{all...}", "$SYS/uptime"],
  ])("of %s is never %s", (pattern, topic) => {
    expect(match(pattern, topic)).toBeUndefined();
  });

  test("may be given with its levels, and matches the same", () => {
    const pattern = parsePattern("a/{x}/{r...}");
    expect({ ...matchPattern(pattern, "a/b/c/d", ["a", "b", "c", "d"]) }).toEqual({
      x: "b",
      r: "c/d",
    });
  });

  test("gives its parameters whatever they are called", () => {
    const params = matchPattern(parsePattern("{__proto__}/{constructor}"), "a/b") ?? {};
    expect(Object.entries(params)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });
});

describe("a topic that is built", () => {
  test.each([
    ["a/b", {}, "a/b"],
    ["a/{x}", { x: "b" }, "a/b"],
    ["a/{x}", { x: "b", other: "c" }, "a/b"],
    ["{x}/{y}", { x: " ", y: "漢😀" }, " /漢😀"],
    ["a/{x}", { x: "{y}" }, "a/{y}"],
    ["a/{r...}", { r: "b/c" }, "a/b/c"],
    ["a/{r...}", { r: "/" }, "a//"],
  ])("from %s and %j is %s", (pattern, params: Record<string, string>, topic) => {
    expect(buildTopic(parsePattern(pattern), params)).toBe(topic);
  });

  test.each([
    ["a/{x}", { x: "b/c" }, "it has a character that a topic cannot have"],
    ["a/{x}", { x: "+" }, "it has a character that a topic cannot have"],
    ["a/{x}", { x: "b#" }, "it has a character that a topic cannot have"],
    ["a/{x}", { x: "\0" }, "it has a character that a topic cannot have"],
    ["a/{x}", { x: "\u0085" }, "it has a character that a topic cannot have"],
    ["a/{x}", { x: "" }, "it is empty"],
    ["a/{x}", {}, "it is empty"],
    ["a/{x...}", { x: "b/+" }, "it has a character that a topic cannot have"],
    ["a/{x...}", { x: "b/#" }, "it has a character that a topic cannot have"],
    ["a/{x...}", { x: "b\0" }, "it has a character that a topic cannot have"],
    ["a/{x...}", { x: "" }, "it is empty"],
    ["a/{x...}", {}, "it is empty"],
  ])("from %s is refused with %j", (pattern, params: { x?: string }, reason) => {
    const error = catchError(() => buildTopic(parsePattern(pattern), { ...params }));
    const facts = { value: params.x ?? "", param: "x", pattern, reason };
    expect(error).toMatchObject({ code: "param_invalid", httpStatus: 400, facts });
  });

  test.each([
    ["a/+", {}, "its pattern has a wildcard without a name"],
    ["{x}/#", { x: "a" }, "its pattern has a wildcard without a name"],
    ["{x}", { x: "\ud83d" }, "it is not valid Unicode"],
    ["{x}/b", { x: "x".repeat(65_534) }, "it is over 65535 bytes"],
    ["{r...}", { r: "ab/".repeat(100) }, "it is over 100 levels"],
  ])("from %s is refused as a whole when %#", (text, params: Record<string, string>, reason) => {
    const error = catchError(() => buildTopic(parsePattern(text), params));
    expect(error).toMatchObject({ code: "topic_invalid", facts: { reason } });
  });

  test("from random parameters gives the same parameters when it is matched", () => {
    const { seed, random } = startRandom();
    for (let round = 0; round < 2_000; round++) {
      const { text, params } = createCase(random);
      const topic = buildTopic(parsePattern(text), params);
      expect({ seed, text, params: match(text, topic) }).toEqual({ seed, text, params });
      expect(match(parsePattern(text).filter, topic)).toEqual({});
    }
  });
});

test.each([
  ["", "it is empty"],
  ["a/+", "it has a wildcard"],
  ["a#", "it has a wildcard"],
  ["a\0", "it has a NUL character"],
  ["a\n", "it has a control character"],
  ["\u0001", "it has a control character"],
  ["\u009f", "it has a control character"],
  ["\udc00", "it is not valid Unicode"],
  ["x".repeat(65_536), "it is over 65535 bytes"],
  ["ab/".repeat(100), "it is over 100 levels"],
])("nothing is published to the topic of case %#", (topic, reason) => {
  const error = catchError(() => checkTopic(topic));
  expect(error).toMatchObject({ code: "topic_invalid", exitCode: 2, facts: { topic, reason } });
});

test.each(["a", "/", "a/b", "a b~\u00a0", "$SYS/x", "{x}", "x".repeat(65_535), "ab/".repeat(99)])(
  "something may be published to the topic of case %#",
  (topic) => {
    expect(() => checkTopic(topic)).not.toThrow();
  },
);

/** A pattern behind a literal level, and values for its parameters. */
function createCase(random: Random) {
  const params: Record<string, string> = {};
  const levels = [random.pick(["a", "", "$s"])];
  for (let at = random.below(4); at > 0; at--) {
    if (random.chance(0.7)) params[`p${at}`] = createValue(random, ["a", "$", ".", "ü", "😀", " "]);
    levels.push(`p${at}` in params ? `{p${at}}` : random.pick(["b", ""]));
  }
  if (random.chance(0.5)) {
    params.rest = createValue(random, ["/", "a", "$", "{", "}", "漢"]);
    levels.push("{rest...}");
  }
  return { text: levels.join("/") || "a", params };
}

function createValue(random: Random, characters: readonly [string, ...string[]]): string {
  return Array.from({ length: 1 + random.below(6) }, () => random.pick(characters)).join("");
}
