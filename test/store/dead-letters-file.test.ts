// The file of the dead letters: made with care, refused with care, there after the power went.

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Folder, makeFolder, makeLetter, openStore } from "../kit/dead-letters.ts";
import { spawnProcess } from "../kit/processes.ts";

const WRITER = join(import.meta.dir, "../kit/dead-letter-writer.ts");
const NAME = "dead-letters.sqlite";

function startWriter(folder: Folder, ...args: (string | number)[]) {
  return spawnProcess(process.execPath, [WRITER, folder.path, ...args.map(String)]);
}

/** A folder with a file of some letters in it. */
async function makeFilled(letters = 100) {
  const folder = await makeFolder();
  await using one = openStore({ folder: folder.path });
  const payload = Buffer.alloc(1_000, "x");
  const put = () => one.store.put(makeLetter({}, { payload }));
  await Promise.all(Array.from({ length: letters }, put));
  return { ...folder, file: join(folder.path, NAME) };
}

describe("the file", () => {
  test("is for its owner alone, as is its folder", async () => {
    await using folder = await makeFolder();
    const path = join(folder.path, "made", "here");
    await using one = openStore({ folder: path });
    await one.store.put(makeLetter());
    for (const made of [path, join(path, "..")]) expect(statSync(made).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(path)) {
      expect([name, statSync(join(path, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  test("is one file when it is closed, and has its letters and limits the next time", async () => {
    await using folder = await makeFilled(100);
    expect(readdirSync(folder.path)).toEqual([NAME]);
    await using one = openStore({ folder: folder.path, lettersMax: 10 });
    await one.log.waitForLine(/90 of the dead letters went/);
    expect([one.store.size, one.store.bytes]).toEqual([10, 10_000]);
    expect(await one.store.put(makeLetter())).toBe(101);
  });

  test("that is empty is filled: version 0 becomes the one of today", async () => {
    await using folder = await makeFolder();
    const file = join(folder.path, NAME);
    writeFileSync(file, "");
    await openStore({ folder: folder.path })[Symbol.asyncDispose]();
    using db = new Database(file, { readonly: true });
    expect(db.query("PRAGMA user_version").get()).toEqual({ user_version: 1 });
    expect(db.query("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  });
});

describe("a file that cannot be used is refused and stays as it was:", () => {
  const damages: Record<string, (file: string) => void> = {
    "no database": (file) => writeFileSync(file, "these are my notes"),
    "cut off": (file) => writeFileSync(file, readFileSync(file).subarray(0, 20_000)),
    "cut off in its first page": (file) => writeFileSync(file, readFileSync(file).subarray(0, 50)),
    "garbage in the middle": (file) => {
      writeFileSync(file, readFileSync(file).fill(0xab, 4_096, 40_960));
    },
    "garbage behind a good beginning": (file) => {
      writeFileSync(file, Buffer.alloc(10_000, 0xab).fill("SQLite format 3\0", 0, 16));
    },
    "of a newer version": (file) => changeFile(file, "PRAGMA user_version = 1000"),
    "another program's": (file) => changeFile(file, "PRAGMA application_id = 7"),
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(name, async () => {
      await using folder = await makeFilled();
      damage(folder.file);
      const before = readFileSync(folder.file);
      expect(() => openStore({ folder: folder.path })).toThrow(
        expect.objectContaining({ code: "store_unusable", facts: expect.anything() }),
      );
      expect(readFileSync(folder.file).equals(before)).toBe(true);
    });
  }

  test("a directory, or a folder that is a file", async () => {
    await using folder = await makeFolder();
    mkdirSync(join(folder.path, NAME));
    const unusable = expect.objectContaining({ code: "store_unusable" });
    expect(() => openStore({ folder: folder.path })).toThrow(unusable);
    writeFileSync(join(folder.path, "file"), "x");
    expect(() => openStore({ folder: join(folder.path, "file") })).toThrow(unusable);
  });
});

describe("a put that has resolved", () => {
  test("is there after kill -9", async () => {
    await using folder = await makeFolder();
    await using writer = startWriter(folder, 50, 10, 5_000);
    await writer.waitForLine(/^put 75$/);
    await writer.kill("SIGKILL");
    const ids = writer.lines.filter((line) => line.startsWith("put ")).length;
    await using one = openStore({ folder: folder.path });
    expect(one.store.size).toBeGreaterThanOrEqual(ids);
    expect(one.store.get(75)?.payloadBytes).toBe(5_000);
  });

  test("did not, when the disk was full; when there is room, the next one does", async () => {
    await using folder = await makeFolder();
    // A file may have 1 MiB: what is beyond fails as it does on a full disk.
    const limit = "trap '' XFSZ; ulimit -f $0; exec \"$@\"";
    const blocks = process.platform === "linux" ? "1024" : "2048";
    const argv = [process.execPath, WRITER, folder.path, "1", "10", "2000000", "20"];
    await using writer = spawnProcess("bash", ["-c", limit, blocks, ...argv]);
    await writer.waitForLine(/^done 2$/);
    const told = writer.lines.map((line) => line.split(" ").slice(0, 2).join(" "));
    expect(told).toEqual(["put 1", "failed store_failed:", "put 2", "done 2"]);
    await writer.kill("SIGKILL");
    await using one = openStore({ folder: folder.path });
    expect(one.store.list().map(({ payloadBytes }) => payloadBytes)).toEqual([20, 10]);
  });
});

test("two processes put, read and remove at once, and count alike", async () => {
  await using folder = await makeFolder();
  await using first = startWriter(folder, 300, 10, 20, 30);
  await using second = startWriter(folder, 300, 10, 20, 30);
  await using one = openStore({ folder: folder.path });
  const puts = Array.from({ length: 100 }, () => one.store.put(makeLetter({ handler: "here" })));
  for (const id of await Promise.all(puts)) expect(one.store.remove(id)).toBe(true);
  for (const writer of [first, second]) {
    await writer.waitForLine(/^done/);
    expect(writer.lines.filter((line) => line.startsWith("put "))).toHaveLength(900);
  }
  expect([one.store.size, one.store.bytes]).toEqual([1_800, 36_000]);
  expect(one.store.list({ limit: 2_000 })).toHaveLength(1_800);
});

function changeFile(file: string, sql: string): void {
  using db = new Database(file);
  db.run(sql);
}
