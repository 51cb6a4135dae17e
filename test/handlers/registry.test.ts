import { expect, test } from "bun:test";
import { createRegistry } from "../../src/handlers/registry.ts";
import { matchPattern, parsePattern } from "../../src/topics/pattern.ts";
import { createRandom, createSeed, type Random } from "../kit/random.ts";

const toEntry = (text: string) => ({ item: text, pattern: parsePattern(text) });
const find = (patterns: readonly string[], name: string) => {
  const registry = createRegistry(patterns.map(toEntry));
  expect(registry.has(name)).toBe(registry.find(name).length > 0);
  return registry.find(name).map(({ item }) => item);
};

test.each([
  [["a/#", "a/b"], "a/b", ["a/#", "a/b"]],
  [["a/#", "a"], "a", ["a/#", "a"]],
  [["a/#", "a/+", "+/b", "#", "{x}/{y}"], "a/b", ["#", "a/#", "a/+", "+/b", "{x}/{y}"]],
  [["a/b", "a/b"], "a/b", ["a/b", "a/b"]], // Two handlers, one each.
  [["a", "a/b"], "a/b/c", []],
  [["#", "+/a", "$x/a", "$x/#"], "$x/a", ["$x/#", "$x/a"]],
  [["a/+", "a/#"], "a/", ["a/+", "a/#"]],
  [["constructor", "__proto__/+"], "__proto__/toString", ["__proto__/+"]],
  [[], "a", []],
])("of %j, %s concerns each of these once: %j", (patterns, name, expected) => {
  expect(find(patterns, name).sort()).toEqual(expected.sort());
});

test("a match has the parameters of its own pattern", () => {
  const registry = createRegistry(["{a}/b", "a/{b}", "{all...}"].map(toEntry));
  for (const _again of [1, 2]) {
    const params = registry.find("a/b").map((match) => JSON.stringify(match.params));
    expect(params.sort()).toEqual(['{"a":"a"}', '{"all":"a/b"}', '{"b":"b"}']);
  }
});

const LEVELS = ["a", "b", "c", "", "$s"] as const;

function createPattern(random: Random): string {
  const levels: string[] = Array.from({ length: 1 + random.below(4) }, (_, at) => {
    return random.chance(0.4) ? random.pick(["+", `{p${at}}`] as const) : random.pick(LEVELS);
  });
  if (random.chance(0.3)) levels.push(random.pick(["#", "{rest...}"] as const));
  return levels.join("/") || "#";
}

const seed = createSeed();

test(`of random patterns, those are found that match one by one (seed ${seed})`, () => {
  const random = createRandom(seed);
  for (let round = 0; round < 20; round++) {
    const patterns = Array.from({ length: 30 }, () => parsePattern(createPattern(random)));
    const registry = createRegistry(patterns.map((pattern) => ({ item: pattern, pattern })));
    for (let turn = 0; turn < 1_000; turn++) {
      const levels = Array.from({ length: 1 + random.below(5) }, () => random.pick(LEVELS));
      const name = levels.join("/");
      const expected = patterns.flatMap((item) => {
        const params = matchPattern(item, name);
        return params ? [{ item, params }] : [];
      });
      const found = registry.find(name);
      const isSame =
        found.length === expected.length &&
        expected.every(({ item, params }) => {
          const match = found.find((each) => each.item === item);
          return JSON.stringify(match?.params) === JSON.stringify(params);
        });
      const isMet = name === "" ? found.length > 0 : registry.meets(parsePattern(name));
      if (isMet !== found.length > 0) expect({ name, isMet }).toEqual({ name, isMet: !isMet });
      if (!isSame) expect({ name, found }).toEqual({ name, found: expected });
    }
  }
});
