// What the bridge remembers of its subscriptions: kept whole, and never in the way of a start.

import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createLogger } from "../../src/lib/log.ts";
import {
  type KnownFiltersOptions,
  openKnownFilters,
  toKnownFiltersPath,
} from "../../src/store/known-filters.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { createLogLines } from "../kit/log-lines.ts";

function open(folder: string, options: Partial<KnownFiltersOptions> = {}) {
  const { writer, lines, waitForLine } = createLogLines();
  const log = createLogger({ name: "Store", level: "info", format: "text", colour: false, writer });
  const known = openKnownFilters({ folder, clientId: "me", log, ...options });
  return { known, lines, waitForLine };
}

function toFilters(filters: Readonly<Record<string, readonly string[]>>) {
  return new Map(Object.entries(filters).map(([broker, list]) => [broker, new Set(list)]));
}

describe("known filters", () => {
  test("are there at the next start, for each client id its own", async () => {
    await using folder = await makeFolder();
    const mine = toFilters({ "mqtt://a:1883": ["x/+", "$share/g/y"], "mqtt://b:1883": ["z/#"] });
    await open(folder.path).known.keep(mine);
    await open(folder.path, { clientId: "Me" }).known.keep(toFilters({ "mqtt://a:1883": ["w"] }));
    const again = open(folder.path);
    expect(again.known.filters).toEqual(mine);
    expect(again.lines).toEqual([]);
  });

  test("are in files for the owner alone, with no draft beside them", async () => {
    await using folder = await makeFolder();
    const path = join(folder.path, "made");
    await open(path).known.keep(toFilters({ broker: ["x"] }));
    const directory = join(path, "subscriptions");
    expect(readdirSync(directory)).toHaveLength(1);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(toKnownFiltersPath(path, "me")).mode & 0o777).toBe(0o600);
  });

  test("are not kept with :memory:", async () => {
    const { known } = open(":memory:");
    await known.keep(toFilters({ broker: ["x"] }));
    expect(open(":memory:").known.filters.size).toBe(0);
  });

  test("of the oldest brokers go when there are too many, or the file is too large", async () => {
    await using folder = await makeFolder();
    const long = "x".repeat(200);
    const filters = toFilters({ none: [], one: ["a"], two: [long], three: [long], four: ["b"] });
    const kept = async (limits: Partial<KnownFiltersOptions>) => {
      await open(folder.path, limits).known.keep(filters);
      return [...open(folder.path).known.filters.keys()];
    };
    expect(await kept({})).toEqual(["one", "two", "three", "four"]);
    expect(await kept({ brokersMax: 3 })).toEqual(["two", "three", "four"]);
    expect(await kept({ bytesMax: 400 })).toEqual(["three", "four"]);
    expect(await kept({ bytesMax: 1 })).toEqual([]);
  });
});

describe("a file that is no good means that nothing is known, and one line:", () => {
  const texts: Readonly<Record<string, string>> = {
    "half a file": '{ "client_id": "me", "filters": { "broker": [',
    "no JSON at all": "\u0000\u0000",
    "another shape": '{ "client_id": "me", "filters": ["a"] }',
    "of another client": '{ "client_id": "you", "filters": {} }',
    "a filter that is none": '{ "client_id": "me", "filters": { "broker": ["a/#/b"] } }',
    "an empty filter": '{ "client_id": "me", "filters": { "broker": [""] } }',
    "too large": `{ "client_id": "me", "filters": {} }${" ".repeat(9 << 20)}`,
  };
  for (const [name, text] of Object.entries(texts)) {
    test(name, async () => {
      await using folder = await makeFolder();
      const file = toKnownFiltersPath(folder.path, "me");
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      const { known, lines, waitForLine } = open(folder.path);
      await waitForLine(/WARN - .*cannot be read/);
      expect(lines).toHaveLength(1);
      expect(known.filters.size).toBe(0);
      await known.keep(toFilters({ broker: ["a"] }));
      expect(open(folder.path).known.filters.size).toBe(1);
    });
  }
});

test("a folder that cannot be written is told once, and stops nobody", async () => {
  await using folder = await makeFolder();
  writeFileSync(join(folder.path, "subscriptions"), "a file, where a folder should be");
  const { known, lines, waitForLine } = open(folder.path);
  await waitForLine(/WARN - .*cannot be read/);
  await known.keep(toFilters({ broker: ["a"] }));
  await known.keep(toFilters({ broker: ["b"] }));
  await waitForLine(/WARN - .*cannot be written/);
  expect(lines).toHaveLength(2);
  expect(readFileSync(join(folder.path, "subscriptions"), "utf8")).toStartWith("a file");
});
