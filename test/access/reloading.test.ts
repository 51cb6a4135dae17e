// Files that change while the broker runs: what is new counts, what is wrong does not.

import { describe, expect, test } from "bun:test";
import { appendFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { readFingerprint, watchFile } from "../../src/access/file-changes.ts";
import { openTestAccess, toPasswordLines } from "./open-access.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const [before, after] = await Promise.all([
  toPasswordLines({ ana: "alt" }),
  toPasswordLines({ ana: "neu", ida: "x" }),
]);

describe("a file that changes", () => {
  test("is read again: passwords, those that were proven too", async () => {
    await using opened = await openTestAccess({ passwords: before });
    expect(await opened.logIn("ana", "alt")).toBe("granted as ana");
    await opened.folder.write("passwords", after);
    await opened.log.waitForLine(/INFO - read .*passwords again: 2 users/);
    expect(await opened.logIn("ana", "alt")).toBe("bad_login: 'ana' has another password");
    expect(await opened.logIn("ana", "neu")).toBe("granted as ana");
  });

  test("is read again: rights, of those who are connected too", async () => {
    await using opened = await openTestAccess({ acl: "user ana\ntopic a" });
    const ana = opened.access.permissionsOf({ username: "ana", clientId: "c1" });
    expect([ana?.mayRead("a"), ana?.mayRead("b")]).toEqual([true, false]);
    await opened.folder.write("acl", "user ana\ntopic b\npattern read %c\n");
    await opened.log.waitForLine(/read .*acl again: 2 rules/);
    expect([ana?.mayRead("a"), ana?.mayRead("b"), ana?.mayRead("c1")]).toEqual([false, true, true]);
  });

  test("may be another that takes its place", async () => {
    await using opened = await openTestAccess({ passwords: before });
    const { folder } = opened;
    await rename(await folder.write("new", after), folder.pathOf("passwords"));
    await opened.log.waitForLine(/passwords again: 2 users/);
    await rename(await folder.write("new", before), folder.pathOf("passwords"));
    await opened.log.waitForLine(/passwords again: 1 user$/);
    expect(await opened.logIn("ana", "alt")).toBe("granted as ana");
  });

  test("may go: the old content stays until there is one again", async () => {
    await using opened = await openTestAccess({ passwords: before });
    await rm(opened.folder.pathOf("passwords"));
    await opened.log.waitForLine(
      /ERROR - .*passwords cannot be read: ENOENT.* the old content stays/,
    );
    expect(await opened.logIn("ana", "alt")).toBe("granted as ana");
    await opened.folder.write("passwords", after);
    await opened.log.waitForLine(/passwords again: 2 users/);
    expect(await opened.logIn("ana", "neu")).toBe("granted as ana");
  });

  test("to what is wrong leaves the old content, and the log says where it is wrong", async () => {
    await using opened = await openTestAccess({ passwords: before, acl: "user ana\ntopic a" });
    const ana = opened.access.permissionsOf({ username: "ana", clientId: "c1" });
    await opened.folder.write("passwords", `${after}ida\n`);
    await opened.folder.write("acl", "user ana\ntopic b\ntopic read b#\n");
    await opened.access.reload();
    await opened.log.waitForLine(
      /passwords:3 is no line of a password file: .* the old content st/,
    );
    await opened.log.waitForLine(/acl:3 is no line of an ACL file: .* — the old content stays/);
    expect(await opened.logIn("ana", "alt")).toBe("granted as ana");
    expect([ana?.mayRead("a"), ana?.mayRead("b")]).toEqual([true, false]);
    await opened.folder.write("acl", "user ana\ntopic b\n");
    await opened.log.waitForLine(/acl again: 1 rule$/);
    expect([ana?.mayRead("a"), ana?.mayRead("b")]).toEqual([false, true]);
  });

  test("may be behind a link that is changed, as a mounted secret is", async () => {
    await using folder = await makeTemporaryFolder();
    await folder.write("one", before);
    await folder.write("two", after);
    await symlink("one", folder.pathOf("link"));
    const passwordFile = folder.pathOf("link");
    await using opened = await openTestAccess({}, { passwordFile });
    await symlink("two", folder.pathOf("link.new"));
    await rename(folder.pathOf("link.new"), passwordFile);
    await opened.log.waitForLine(/link again: 2 users/);
    expect(await opened.logIn("ana", "neu")).toBe("granted as ana");
  });
});

test("a reload that is asked for reads what is there now, in the order of the calls", async () => {
  await using opened = await openTestAccess({ passwords: before });
  await opened.folder.write("passwords", after);
  await Promise.all([opened.access.reload(), opened.access.reload()]);
  expect(await opened.logIn("ana", "neu")).toBe("granted as ana");
});

test("an access may be closed twice, and watches nothing any more", async () => {
  await using opened = await openTestAccess({ passwords: before });
  await opened.access[Symbol.asyncDispose]();
  await opened.access[Symbol.asyncDispose]();
  expect(await opened.logIn("ana", "alt")).toBe(
    "not_authorized: too many logins wait already, or the broker is stopping",
  );
});

describe("watching a file", () => {
  test("tells a change once, when two looks agree, and not while it is being written", async () => {
    await using watched = await watchInSteps();
    for (const _ of [1, 2, 3]) {
      await appendFile(watched.file, "x");
      expect(await watched.look()).toBe("nothing");
    }
    expect(await watched.look()).toBe("told");
    for (const _ of [1, 2, 3]) expect(await watched.look()).toBe("nothing");
  });

  test("does not tell that it is away for a moment, only that another has come", async () => {
    await using watched = await watchInSteps();
    await rm(watched.file);
    expect(await watched.look()).toBe("nothing");
    await writeFile(watched.file, "new");
    expect(await watched.look()).toBe("nothing");
    expect(await watched.look()).toBe("told");
  });

  test("tells what has changed between its reading and the first look", async () => {
    await using watched = await watchInSteps();
    await writeFile(watched.file, "new");
    expect([await watched.look(), await watched.look()]).toEqual(["nothing", "told"]);
  });

  test("ends when it is told to", async () => {
    await using watched = await watchInSteps();
    watched.close();
    expect((await watched.ended).done).toBe(true);
  });
});

/** A watch whose looks a test makes: each is over when the next one is asked for. */
async function watchInSteps() {
  const folder = await makeTemporaryFolder();
  const file = await folder.write("file", "old");
  const closed = new AbortController();
  let asked = Promise.withResolvers<() => void>();
  const clock = {
    now: () => 0,
    wait(_ms: number, signal: AbortSignal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve());
      asked.resolve(resolve);
      return promise;
    },
  };
  const changes = watchFile(file, await readFingerprint(file), closed.signal, clock);
  let next = changes.next();
  return {
    file,
    get ended() {
      return next;
    },
    close: () => closed.abort(),
    async look(): Promise<"told" | "nothing"> {
      const end = await asked.promise;
      asked = Promise.withResolvers();
      end();
      const told = next.then(() => "told" as const);
      const outcome = await Promise.race([told, asked.promise.then(() => "nothing" as const)]);
      if (outcome === "told") next = changes.next();
      return outcome;
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
      await next;
      await folder[Symbol.asyncDispose]();
    },
  };
}
