// Random topics, filters and patterns over few names, so that many of them meet.

import { createRandom, createSeed, type Random } from "../kit/random.ts";

const NAMES = ["a", "b", "", "$s"] as const;
const LEVELS_MAX = 4;

/** FUZZ_SEED runs one again; a test shows its seed where it fails. */
export function startRandom(): { readonly seed: number; readonly random: Random } {
  const seed = Number(process.env.FUZZ_SEED ?? createSeed());
  return { seed, random: createRandom(seed) };
}

/** Every topic of at most so many levels that these names give, but for the empty one. */
export function listTopics(levelsMax = LEVELS_MAX): string[] {
  let topics: string[] = [...NAMES];
  const all = [...topics];
  for (let levels = 2; levels <= levelsMax; levels++) {
    topics = topics.flatMap((topic) => NAMES.map((name) => `${topic}/${name}`));
    all.push(...topics);
  }
  return all.filter((topic) => topic !== "");
}

/** A filter with wildcards in about half of its levels. */
export function createFilter(random: Random): string {
  const levels: string[] = Array.from({ length: 1 + random.below(LEVELS_MAX) }, () => {
    return random.chance(0.4) ? "+" : random.pick(NAMES);
  });
  if (random.chance(0.3)) levels[levels.length - 1] = "#";
  return levels.join("/") || createFilter(random);
}

/** A pattern: a filter, some of whose wildcards have a name. */
export function createPatternText(random: Random): string {
  const toLevel = (level: string, at: number) => {
    if (random.chance(0.3)) return level;
    return level === "+" ? `{p${at}}` : level === "#" ? `{p${at}...}` : level;
  };
  return createFilter(random).split("/").map(toLevel).join("/");
}
