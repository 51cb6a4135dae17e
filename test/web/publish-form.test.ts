// What the form of the page "Publish" is made of: the topics of the AsyncAPI document, the shapes
// of their schemas, the values to begin with, and what does not fit.

import { describe, expect, test } from "bun:test";
import { buildAsyncApi } from "../../src/handlers/asyncapi-document.ts";
import { toHandlerSet } from "../../src/topics/handler-set.ts";
import { on, t, topic } from "../../src/viaduto.ts";
import { toBeginning } from "../../src/web/publish/beginning-value.ts";
import { checkValue, findVariant } from "../../src/web/publish/schema-check.ts";
import { toShape } from "../../src/web/publish/schema-shape.ts";
import {
  type AsyncApiJson,
  fillTopic,
  findTyped,
  listParameters,
  readTypedTopics,
  type TypedTopic,
} from "../../src/web/publish/typed-topics.ts";
import { english } from "../../src/web/words/english.ts";

const lamp = topic("lamps/{id}/set", {
  payload: t.Object({
    level: t.Integer({ minimum: 5, maximum: 100 }),
    name: t.Optional(t.String({ minLength: 2, pattern: "^[a-z]+$" })),
    mode: t.Union([t.Literal("warm"), t.Literal("cold")]),
    tags: t.Array(t.String(), { maxItems: 2, uniqueItems: true }),
    action: t.Union([
      t.Object({ kind: t.Literal("fade"), seconds: t.Number({ exclusiveMinimum: 0 }) }),
      t.Object({ kind: t.Literal("blink"), times: t.Integer() }),
    ]),
  }),
  reply: t.Object({ ok: t.Boolean() }),
});
const GOOD = {
  level: 5,
  mode: "warm",
  tags: [],
  action: { kind: "fade", seconds: 1 },
};

function readTyped(): readonly TypedTopic[] {
  const set = toHandlerSet([
    on(lamp, () => ({ ok: true })),
    on(topic("lamps/all/set"), () => {}),
    on(topic("logs/{rest...}"), () => {}),
    on(topic("any/+/thing"), () => {}),
  ]);
  const client = {
    clientId: "a",
    isSessionKept: false,
    sessionExpirySeconds: 0,
    keepaliveSeconds: 30,
    statusTopic: undefined,
  };
  const document = buildAsyncApi(set, { title: "a", origin: "far/", servers: [], client });
  return readTypedTopics(JSON.parse(JSON.stringify(document)) as AsyncApiJson);
}

function findLamp(): TypedTopic {
  const found = findTyped(readTyped(), "lamps/3/set");
  if (!found) throw new Error("the lamp has no type");
  return found;
}

describe("typed topics", () => {
  test("are those of the handlers, without the origin, and no replies", () => {
    expect(readTyped().map(({ pattern }) => pattern)).toEqual([
      "lamps/{id}/set",
      "lamps/all/set",
      "logs/{rest...}",
      "any/{level2}/thing",
    ]);
    const { isAnswered, hasForm, content } = findLamp();
    expect({ isAnswered, hasForm, content }).toEqual({
      isAnswered: true,
      hasForm: true,
      content: "json",
    });
  });

  test.each([
    ["lamps/3/set", "lamps/{id}/set"],
    ["lamps/all/set", "lamps/all/set"],
    ["lamps/{id}/set", "lamps/{id}/set"],
    ["lamps/3/set/now", undefined],
    ["lamps/3", undefined],
    ["logs/a/b/c", "logs/{rest...}"],
    ["any/1/thing", "any/{level2}/thing"],
    ["", undefined],
  ])("%s is of %s", (text, pattern) => {
    expect(findTyped(readTyped(), text)?.pattern).toBe(pattern);
  });

  test("have their parameters filled only in their own pattern", () => {
    const typed = findLamp();
    expect(listParameters(typed, "lamps/{id}/set")).toEqual(["id"]);
    expect(listParameters(typed, "lamps/3/set")).toEqual([]);
    expect(fillTopic(typed, "lamps/{id}/set", { id: "3" })).toBe("lamps/3/set");
    expect(fillTopic(typed, "lamps/3/set", { id: "9" })).toBe("lamps/3/set");
    expect(fillTopic(typed, "lamps/{id}/set", {})).toBe("lamps//set");
  });
});

describe("a form", () => {
  test("begins with as little as fits", () => {
    const { schema, root } = findLamp();
    const value = toBeginning(schema, root);
    expect(value).toEqual(GOOD);
    expect(checkValue(schema, value, root)).toEqual([]);
  });

  test("begins with what the schema proposes", () => {
    expect(toBeginning({ type: "integer", default: 7 }, {})).toBe(7);
    expect(toBeginning({ type: "string", examples: ["a", "b"] }, {})).toBe("a");
    expect(toBeginning({ type: "number", maximum: -2 }, {})).toBe(-2);
    expect(toBeginning({ type: "array", items: { type: "boolean" }, minItems: 2 }, {})).toEqual([
      false,
      false,
    ]);
  });

  test("ends where a schema needs itself", () => {
    const tree = { type: "object", properties: { next: { $ref: "#/tree" } }, required: ["next"] };
    expect(JSON.stringify(toBeginning(tree, { tree }))).toContain("null");
    expect(checkValue({ $ref: "#/loop" }, 1, { loop: { $ref: "#/loop" } })).toEqual([]);
  });

  test.each([
    [{ type: ["string", "null"] }, "union"],
    [{ anyOf: [{ type: "number" }] }, "number"],
    [{ allOf: [{ properties: { a: {} } }, { properties: { b: {} } }], type: "object" }, "object"],
    [{ const: 1 }, "choice"],
    [{ enum: ["a"] }, "choice"],
    [{ type: "array", items: {} }, "list"],
    [{ type: "array", items: [{}, {}] }, "json"],
    [{ type: "object", patternProperties: { "^a": {} } }, "json"],
    [{}, "json"],
  ])("shows %j as %s", (schema, kind) => {
    expect(toShape(schema, {}).kind).toBe(kind as ReturnType<typeof toShape>["kind"]);
  });

  test("lays the parts of an intersection together", () => {
    const left = { type: "object", properties: { a: {} }, required: ["a"] };
    const shape = toShape({ allOf: [left, { properties: { b: {} }, required: ["b"] }] }, {});
    expect(shape).toMatchObject({
      members: [
        { name: "a", isRequired: true },
        { name: "b", isRequired: true },
      ],
    });
  });
});

describe("what does not fit", () => {
  const cases = [
    [{ ...GOOD, level: 101 }, "/level", "at_most"],
    [{ ...GOOD, level: 4 }, "/level", "at_least"],
    [{ ...GOOD, level: 5.5 }, "/level", "is_integer"],
    [{ ...GOOD, level: "5." }, "/level", "is_integer"],
    [{ ...GOOD, name: "a" }, "/name", "characters_min"],
    [{ ...GOOD, name: "Ab" }, "/name", "pattern"],
    [{ ...GOOD, mode: "hot" }, "/mode", "choice"],
    [{ ...GOOD, tags: ["a", "b", "c"] }, "/tags", "entries_max"],
    [{ ...GOOD, tags: ["a", "a"] }, "/tags", "unique"],
    [{ ...GOOD, tags: [1] }, "/tags/0", "is_string"],
    [{ ...GOOD, action: { kind: "fade", seconds: 0 } }, "/action/seconds", "more_than"],
    [{ ...GOOD, action: { kind: "blink" } }, "/action/times", "missing"],
    [[], "", "is_object"],
  ] as const;

  test.each(cases)("of %j is said at %s: %s", (value, pointer, rule) => {
    const { schema, root } = findLamp();
    expect(checkValue(schema, value, root)).toMatchObject([{ pointer, rule }]);
    expect(english.schema).toHaveProperty(rule);
  });

  test.each([
    [{ format: "date-time" }, "2026-01-31T12:00:00Z", "2026-01-31"],
    [{ format: "uuid" }, "00000000-0000-4000-8000-000000000000", "0"],
    [{ format: "ipv4" }, "192.168.0.255", "192.168.0.256"],
    [{ multipleOf: 0.1 }, 0.3, 0.35],
    [{ additionalProperties: false, properties: { a: {} } }, { a: 1 }, { b: 1 }],
    [{ patternProperties: { "^.*$": { type: "number" } } }, { a: 1 }, { a: "1" }],
    [{ minProperties: 1 }, { a: 1 }, {}],
    [{ not: { type: "null" } }, 1, null],
    [{ const: { a: 1, b: 2 } }, { b: 2, a: 1 }, { a: 1 }],
    [{ format: "nobody-knows" }, "a", undefined],
  ])("with %j: %j fits, %j does not", (schema, good, bad) => {
    expect(checkValue(schema, good, {})).toEqual([]);
    if (bad !== undefined) expect(checkValue(schema, bad, {})).toHaveLength(1);
  });

  test("is told of the variant that was meant", () => {
    const variants = [{ type: "string" }, { type: "number", minimum: 3 }];
    expect(findVariant(variants, 1, {})).toBe(1);
    expect(findVariant(variants, "a", {})).toBe(0);
  });
});
