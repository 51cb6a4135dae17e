// Changes that share a commit: none is lost, and nobody is told too early.

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../../src/lib/log.ts";
import { WriteGroup } from "../../src/store/write-group.ts";
import { createLogLines } from "../kit/log-lines.ts";

/** A group on a file, beside whose connection another program may have one of its own. */
function openGroup() {
  const folder = mkdtempSync(join(tmpdir(), "viaduto-write-group-"));
  const path = join(folder, "numbers.sqlite");
  const db = new Database(path, { create: true });
  db.run("PRAGMA journal_mode = WAL");
  db.run("CREATE TABLE numbers (number INTEGER NOT NULL UNIQUE)");
  const { writer, ...log } = createLogLines();
  const commits = { begun: 0, done: 0 };
  const group = new WriteGroup(db, {
    log: createLogger({ name: "Broker", level: "info", format: "text", colour: false, writer }),
    beforeCommit() {
      commits.begun += 1;
    },
    afterCommit() {
      commits.done += 1;
    },
    gatherMs: 0,
  });
  const insert = db.query("INSERT INTO numbers VALUES (?)");
  return {
    group,
    log,
    commits,
    put: (number: number) => group.add({ run: () => insert.run(number) }),
    stored: () => new Promise<void>((resolve) => group.whenCommitted(resolve)),
    read: () => db.query("SELECT number FROM numbers ORDER BY rowid").values().flat(),
    openOther: () => new Database(path),
    [Symbol.dispose]() {
      group.close();
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test("what comes in one turn is one transaction, and is told of in order", async () => {
  using one = openGroup();
  const told: string[] = [];
  one.group.whenCommitted(() => told.push("nothing to wait for"));
  for (const number of [3, 1, 2]) {
    one.put(number);
    one.group.whenCommitted(() => told.push(`${number}`));
  }
  expect([one.read(), told]).toEqual([[], ["nothing to wait for"]]);
  await one.stored();
  expect(one.read()).toEqual([3, 1, 2]);
  expect(told).toEqual(["nothing to wait for", "3", "1", "2"]);
  expect(one.commits).toEqual({ begun: 1, done: 1 });
});

test("while the disk takes nothing all waits, is tried again, and told of once", async () => {
  using one = openGroup();
  using other = one.openOther();
  other.run("BEGIN IMMEDIATE");
  const told: number[] = [];
  for (const number of [1, 2]) {
    one.put(number);
    one.group.whenCommitted(() => told.push(number));
  }
  expect(one.group.problem).toBeUndefined();
  await one.log.waitForLine(/ERROR - the broker's file takes nothing, .* again: .*locked/);
  expect(one.group.problem).toContain("locked");
  one.put(3);
  one.group.whenCommitted(() => told.push(3));
  expect([one.read(), told]).toEqual([[], []]);
  other.run("COMMIT");
  await one.stored();
  expect(one.group.problem).toBeUndefined();
  expect([one.read(), told]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  await one.log.waitForLine(/INFO - the broker's file takes changes again/);
  expect(one.log.lines).toHaveLength(2);
});

test("a change that fails takes back those before it, and all are done the next time", async () => {
  using one = openGroup();
  let isFull = true;
  one.put(1);
  one.group.add({
    run() {
      if (isFull) throw new Error("database or disk is full");
    },
  });
  one.put(2);
  await one.log.waitForLine(/is full/);
  expect([one.read(), one.commits]).toEqual([[], { begun: 0, done: 0 }]);
  isFull = false;
  expect(one.group.close()).toBe(true);
  expect(one.read()).toEqual([1, 2]);
});

test("closing says whether the disk took the last changes, and nothing follows", async () => {
  using one = openGroup();
  one.put(1);
  expect(one.group.close()).toBe(true);
  expect(one.read()).toEqual([1]);
  one.put(2);
  expect(one.group.close()).toBe(false);
  expect(one.read()).toEqual([1]);

  using locked = openGroup();
  using holder = locked.openOther();
  holder.run("BEGIN IMMEDIATE");
  locked.put(1);
  expect(locked.group.close()).toBe(false);
  expect(locked.group.problem).toContain("locked");
});

test("a change that is taken back needs no commit, and holds nobody up", async () => {
  using one = openGroup();
  const told: string[] = [];
  const change = { run: () => {} };
  one.group.add(change);
  one.group.whenCommitted(() => told.push("done"));
  expect(told).toEqual([]);
  one.group.cancel(change);
  expect(told).toEqual(["done"]);
  expect(one.group.close()).toBe(true);
  expect(one.commits).toEqual({ begun: 0, done: 0 });
});

test("of several changes, those that are left are written, in order", async () => {
  using one = openGroup();
  one.put(1);
  const change = { run: () => expect.unreachable() };
  one.group.add(change);
  one.put(2);
  one.group.cancel(change);
  await one.stored();
  expect(one.read()).toEqual([1, 2]);
});

test("what nobody waits for is done with the next commit, or a little later", async () => {
  using one = openGroup();
  one.group.addLater();
  one.put(1);
  await one.stored();
  expect(one.commits).toEqual({ begun: 1, done: 1 });
  one.group.addLater();
  expect(one.group.close()).toBe(true);
  expect(one.commits).toEqual({ begun: 2, done: 2 });
});

test("when all that the disk did not take is taken back, what comes next is stored", async () => {
  using one = openGroup();
  const change = {
    run() {
      throw new Error("database or disk is full");
    },
  };
  one.group.add(change);
  await one.log.waitForLine(/is full/);
  one.group.cancel(change);
  // Only the next attempt sees that nothing is left, and there is no event for it.
  const seen = Promise.withResolvers<void>();
  const look = setInterval(() => one.group.problem === undefined && seen.resolve(), 5);
  await seen.promise.finally(() => clearInterval(look));
  one.put(1);
  await one.stored();
  expect(one.read()).toEqual([1]);
});
