import { describe, expect, test } from "bun:test";
import { coverSubscriptions, type Subscription } from "../../src/topics/covering-set.ts";
import { overlaps } from "../../src/topics/filter-relations.ts";
import type { QoS } from "../../src/topics/message.ts";
import { matchPattern, type Pattern, parsePattern } from "../../src/topics/pattern.ts";
import type { Random } from "../kit/random.ts";
import { createFilter, listTopics, startRandom } from "./random-topics.ts";

const TOPICS = listTopics();
/** `a/b 1` is a filter and its QoS. */
const read = (text: string): Subscription => {
  const [filter = "", qos] = text.split(" ");
  return { filter, qos: Number(qos ?? 0) as QoS, retained: "send" };
};
const cover = (given: readonly string[]) => {
  return coverSubscriptions(given.map(read)).map(({ filter, qos }) => `${filter} ${qos}`);
};

test.each([
  [[], []],
  [["a"], ["a 0"]],
  [["a/# 0", "a/b 2"], ["a/# 2"]],
  [["a/b 2", "a/# 0"], ["a/# 2"]],
  [["a/# 1", "a 0"], ["a/# 1"]],
  [["a/+ 0", "+/b 1"], ["+/+ 1"]],
  [["a/# 1", "+/b 0"], ["+/# 1"]],
  [["a 1", "a 1"], ["a 1"]],
  [["a 0", "a 2", "a 1"], ["a 2"]],
  [["# 0", "+ 1", "a/b 0", "/ 0"], ["# 1"]],
  // What joins two may meet a third, which met neither of them.
  [["c/d 2", "a/+ 0", "+/b 1"], ["+/+ 2"]],
])("%j is covered by %j", (given, covering) => {
  expect(cover(given)).toEqual(covering);
});

test.each([
  [["a", "b"]],
  [["a/b", "a/c", "a"]],
  [["a/+", "a"]],
  [["a/+/#", "a"]],
  [["a/+", "a/+/+"]],
  [["a", "/a", "a/"]],
  [["#", "$SYS/#"]],
  [["+/uptime", "$SYS/uptime"]],
  [["$SYS/+", "$share/+"]],
])("%j have nothing in common and stay", (given) => {
  expect(cover(given)).toEqual(given.map((filter) => `${filter} 0`));
});

describe("random subscriptions", () => {
  const toSets = () => {
    const { seed, random } = startRandom();
    return { seed, sets: Array.from({ length: 200 }, () => createSet(random)) };
  };

  test("are covered by filters of which exactly one matches each of their topics", () => {
    const { seed, sets } = toSets();
    for (const given of sets) {
      const [wanted, covering] = [given, coverSubscriptions(given)].map(countMatches);
      const offenders = TOPICS.filter((_, at) => {
        const count = covering?.[at] ?? 0;
        return count > 1 || (count === 0 && wanted?.[at] !== 0);
      });
      expect({ seed, given, offenders }).toEqual({ seed, given, offenders: [] });
    }
  });

  test("are covered with the highest QoS of those that meet the covering filter", () => {
    const { seed, sets } = toSets();
    for (const given of sets) {
      for (const { filter, qos } of coverSubscriptions(given)) {
        const topics = TOPICS.filter((topic) => matches(parsePattern(filter), topic));
        const met = given.filter((one) => {
          const pattern = parsePattern(one.filter);
          return topics.some((topic) => matches(pattern, topic));
        });
        const highest = Math.max(...met.map((one) => one.qos));
        expect({ seed, given, filter, qos }).toEqual({ seed, given, filter, qos: highest as QoS });
      }
    }
  });

  test("that are covered already stay as they are", () => {
    const { seed, sets } = toSets();
    for (const given of sets) {
      const covering = coverSubscriptions(given);
      expect({ seed, again: coverSubscriptions(covering) }).toEqual({ seed, again: covering });
    }
  });
});

test("two random filters overlap exactly when some topic matches both", () => {
  const { seed, random } = startRandom();
  for (let round = 0; round < 300; round++) {
    const [one, other] = [createFilter(random), createFilter(random)];
    // What both match is the empty topic alone, which is none [MQTT-4.7.3-1].
    if ([one, other].sort().join(" ") === "+ /#") continue;
    const [first, second] = [parsePattern(one), parsePattern(other)];
    const isShared = TOPICS.some((topic) => matches(first, topic) && matches(second, topic));
    const found = [overlaps(one, other), overlaps(other, one)];
    expect({ seed, one, other, found }).toEqual({ seed, one, other, found: [isShared, isShared] });
  }
});

test("a topic overlaps a filter exactly when it matches", () => {
  const { seed, random } = startRandom();
  for (let round = 0; round < 50; round++) {
    const filter = createFilter(random);
    const offenders = TOPICS.filter((topic) => {
      return overlaps(filter, topic) !== matches(parsePattern(filter), topic);
    });
    expect({ seed, filter, offenders }).toEqual({ seed, filter, offenders: [] });
  }
});

function createSet(random: Random): Subscription[] {
  return Array.from({ length: 1 + random.below(6) }, () => {
    const retained = random.pick(["send", "new", "ignore"] as const);
    return { filter: createFilter(random), qos: random.pick([0, 1, 2]), retained };
  });
}

function matches(pattern: Pattern, topic: string): boolean {
  return matchPattern(pattern, topic) !== undefined;
}

/** For each of the topics, how many of these match it. */
function countMatches(subscriptions: readonly Subscription[]): number[] {
  const patterns = subscriptions.map(({ filter }) => parsePattern(filter));
  return TOPICS.map((topic) => patterns.filter((pattern) => matches(pattern, topic)).length);
}
