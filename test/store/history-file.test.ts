// The file of the history: what a restart finds in it, and what becomes of the history when the
// file or the disk is no good.

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HistoryQuery } from "../../src/store/history.ts";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { openTestHistory, toObserved } from "../kit/observed.ts";

const ALL: HistoryQuery = { filter: "#", limit: 100, order: "newest" };

test("what was recorded is there after a restart, with the newest of each topic", async () => {
  await using folder = await makeTemporaryFolder();
  {
    await using opened = openTestHistory({ folder: folder.path });
    expect(opened.history.hasPast).toBe(false);
    for (let id = 1; id <= 5; id++) opened.history.record(toObserved(`t/${id % 2}`, id));
  }
  await using opened = openTestHistory({ folder: folder.path });
  expect(opened.history.hasPast).toBe(true);
  const newest: unknown[] = [];
  await opened.history.eachNewest(10, ({ topic, id }, messages) => {
    newest.push([topic, id, messages]);
  });
  expect(newest).toEqual([
    ["t/1", 5, 3],
    ["t/0", 4, 2],
  ]);
});

test("a clean end leaves one whole file, and no log of SQLite's beside it", async () => {
  await using folder = await makeTemporaryFolder();
  {
    await using opened = openTestHistory({ folder: folder.path });
    opened.history.record(toObserved("a", 1));
    await opened.history.find({ ...ALL, filter: "+" });
  }
  expect(await readdir(folder.path)).toEqual(["history.sqlite"]);
});

test("a message whose id is taken is skipped and counted, the other stays", async () => {
  await using folder = await makeTemporaryFolder();
  {
    await using opened = openTestHistory({ folder: folder.path });
    opened.history.record(toObserved("first", 1));
  }
  await using opened = openTestHistory({ folder: folder.path });
  opened.history.record(toObserved("second", 1));
  expect((await opened.history.find(ALL)).map(({ topic }) => topic)).toEqual(["first"]);
  expect(opened.history.figures).toMatchObject({ recorded: 0, skipped: 1 });
});

test.each([
  ["no SQLite file", async (path: string) => void (await Bun.write(path, "hello, I am text"))],
  ["of a newer version", async (path: string) => setPragma(path, "user_version = 99")],
  ["of another program", async (path: string) => setPragma(path, "application_id = 1")],
  ["damaged", damage],
])("a file that is %s stays as it is, and another is made beside it", async (_what, spoil) => {
  await using folder = await makeTemporaryFolder();
  const path = join(folder.path, "history.sqlite");
  {
    await using opened = openTestHistory({ folder: folder.path });
    const payload = Buffer.alloc(900, 97);
    for (let id = 1; id <= 200; id++) opened.history.record(toObserved("old", id, { payload }));
  }
  await spoil(path);
  const before = await readFile(path);
  for (const id of [1_001, 1_002]) {
    await using opened = openTestHistory({ folder: folder.path });
    opened.history.record(toObserved("new", id));
    expect((await opened.history.find(ALL))[0]?.id).toBe(id);
    const line = await opened.log.waitForLine(/ERROR/);
    expect(line).toMatch(/history\.sqlite cannot be used: .*; recording to .*history-2\.sqlite/);
  }
  expect(before.equals(await readFile(path))).toBe(true);
});

test("where no file can be made nothing is recorded, and the log says why", async () => {
  await using folder = await makeTemporaryFolder();
  const file = join(folder.path, "file");
  await Bun.write(file, "");
  await using opened = openTestHistory({ folder: join(file, "below") });
  opened.history.record(toObserved("a", 1));
  const asked = opened.history.find(ALL);
  await expect(asked).rejects.toMatchObject({ code: "history_unavailable" });
  await opened.log.waitForLine(/ERROR - messages are not recorded any more: .* cannot be used/);
  opened.history.record(toObserved("a", 2));
  expect(opened.history.figures.skipped).toBeGreaterThan(0);
});

test("closing twice is fine; then nothing is found and nothing recorded", async () => {
  await using opened = openTestHistory();
  opened.history.record(toObserved("a", 1));
  await opened.history[Symbol.asyncDispose]();
  await opened.history[Symbol.asyncDispose]();
  opened.history.record(toObserved("a", 2));
  const asked = opened.history.find(ALL);
  await expect(asked).rejects.toMatchObject({ code: "history_unavailable" });
  expect(opened.history.figures).toMatchObject({ recorded: 1, skipped: 1 });
});

function setPragma(path: string, pragma: string): void {
  const db = new Database(path);
  db.run(`PRAGMA ${pragma}`);
  db.close();
}

// The first pages stay: it opens, and is found out by the check.
async function damage(path: string): Promise<void> {
  const bytes = await Bun.file(path).bytes();
  bytes.fill(0x5a, 4_096 * 5);
  await Bun.write(path, bytes);
}
