// Who is let in, and what nobody can find out by asking.

import { describe, expect, test } from "bun:test";
import { pbkdf2Sync } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { openAccess } from "../../src/access/access.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { run } from "../kit/processes.ts";
import { createTestLogger, openTestAccess, toPasswordLines } from "./open-access.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const SALT = Buffer.alloc(12, "s");
/** So many that a second computation would be noticed: about half a second. */
const SLOW_ITERATIONS = 1_000_000;

function toSlowLine(username: string, password: string): string {
  const digest = pbkdf2Sync(password, SALT, SLOW_ITERATIONS, 64, "sha512").toString("base64");
  return `${username}:$7$${SLOW_ITERATIONS}$${SALT.toString("base64")}$${digest}\n`;
}

const passwords = await toPasswordLines({ ana: "geheim", ida: "" });

describe("without a password file", () => {
  test("everybody is let in under any name, or nobody is", async () => {
    await using open = await openTestAccess({}, { allowAnonymous: true });
    expect(await open.logIn()).toBe("granted as undefined");
    expect(await open.logIn("ana", "anything")).toBe("granted as ana");
    await using shut = await openTestAccess({});
    const refused = "not_authorized: there is no password file to check it by";
    expect(await shut.logIn()).toBe(refused);
    expect(await shut.logIn("ana", "anything")).toBe(refused);
  });
});

describe("an ACL file that goes by user names, without a password file,", () => {
  const WARNING = /WARN - .*acl gives rights by user name, and any user name is believed: --passwo/;

  test.each(["user ana\ntopic a\n", "pattern read %u/#\n"])("is warned about: %j", async (acl) => {
    await using opened = await openTestAccess({ acl }, { allowAnonymous: true });
    await opened.access.reload();
    await opened.log.waitForLine(/INFO - read .*acl again/);
    expect(opened.log.lines.filter((line) => WARNING.test(line))).toHaveLength(1);
  });

  test("is fine where all are the same, or nobody is believed", async () => {
    const acl = "user ana\ntopic a\n";
    await using same = await openTestAccess({ acl: "topic a\n" }, { allowAnonymous: true });
    await using certified = await openTestAccess({ acl });
    await using checked = await openTestAccess({ acl, passwords }, { allowAnonymous: true });
    for (const { log } of [same, certified, checked]) {
      await log.writer.flush();
      expect(log.lines.filter((line) => WARNING.test(line))).toEqual([]);
    }
  });
});

describe("with a password file", () => {
  test("that is replaced while a password is checked, the new one counts", async () => {
    await using opened = await openTestAccess({ passwords: toSlowLine("ana", "geheim") });
    const coming = opened.logIn("ana", "geheim");
    await opened.folder.write("passwords", passwords);
    await opened.access.reload();
    expect(await coming).toBe("bad_login: 'ana' has another password");
  });

  test("that has no user the log says that nobody can log in, also after a reload", async () => {
    await using opened = await openTestAccess({ passwords: "# nobody\n" });
    await opened.log.waitForLine(/WARN - .*passwords has no user, so nobody can log in: viaduto p/);
    const countWarnings = async () => {
      await opened.log.writer.flush();
      return opened.log.lines.filter((line) => line.includes("has no user")).length;
    };
    await opened.folder.write("passwords", passwords);
    await opened.access.reload();
    const before = await countWarnings();
    expect(before).toBe(1);
    await opened.folder.write("passwords", "");
    await opened.access.reload();
    expect(await countWarnings()).toBeGreaterThan(before); // Its watch may have read it too.
  });

  test("a user is let in with its own password alone", async () => {
    await using opened = await openTestAccess({ passwords }, { loginFailuresMax: 100 });
    const { logIn } = opened;
    for (const _ of [1, 2]) {
      expect(await logIn("ana", "geheim")).toBe("granted as ana");
      expect(await logIn("ana", "geheim ")).toBe("bad_login: 'ana' has another password");
      expect(await logIn("ana", "")).toBe("bad_login: 'ana' has another password");
      expect(await logIn("ana")).toBe("bad_login: it has no password");
      expect(await logIn("ida", "")).toBe("granted as ida");
      expect(await logIn("ida")).toBe("bad_login: it has no password");
    }
    for (const name of [
      "Ana",
      "",
      "__proto__",
      "constructor",
      "ana:",
      "ana\0",
      "x".repeat(65_535),
    ]) {
      const refusal = `bad_login: there is no user '${name.slice(0, 100)}`;
      expect(await logIn(name, "geheim")).toStartWith(refusal);
    }
  });

  test("who has no name needs anonymous logins; a name is checked all the same", async () => {
    await using shut = await openTestAccess({ passwords });
    expect(await shut.logIn()).toBe("not_authorized: it has no user name");
    expect(await shut.logIn(undefined, "geheim")).toBe("not_authorized: it has no user name");
    await using open = await openTestAccess({ passwords }, { allowAnonymous: true });
    expect(await open.logIn()).toBe("granted as undefined");
    expect(await open.logIn("ana", "x")).toBe("bad_login: 'ana' has another password");
  });

  test("that is empty, nobody is let in", async () => {
    await using opened = await openTestAccess({ passwords: "" });
    expect(await opened.logIn("ana", "")).toBe("bad_login: there is no user 'ana'");
  });

  test("a device that comes back 1,000 times costs one hash", async () => {
    await using opened = await openTestAccess({ passwords: toSlowLine("ana", "geheim") });
    const logins = Array.from({ length: 1_000 }, () => opened.logIn("ana", "geheim"));
    expect(new Set(await Promise.all(logins))).toEqual(new Set(["granted as ana"]));
  });

  test("a name that is not there costs a hash as a wrong password does", async () => {
    await using opened = await openTestAccess({ passwords: toSlowLine("ana", "geheim") });
    for (const username of ["ana", "nobody"]) {
      const order: string[] = [];
      const turn = Promise.withResolvers<void>();
      const login = opened.logIn(username, "wrong").then(() => order.push("answer"));
      setImmediate(() => {
        order.push("loop");
        turn.resolve();
      });
      await Promise.all([login, turn.promise]);
      expect(order).toEqual(["loop", "answer"]);
    }
    // The hash that is computed for a name that is not there opens nothing.
    expect(await opened.logIn("nobody", "geheim")).toBe("bad_login: there is no user 'nobody'");
  });

  test("who guesses waits, and is told nothing but no", async () => {
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      wait: async (ms: number) => {
        waits.push(ms);
      },
    };
    const options = { clock, loginFailuresMax: 2 };
    await using opened = await openTestAccess({ passwords }, options);
    for (const name of ["ana", "bob", "ana", "ida"]) await opened.logIn(name, "wrong");
    expect(waits).toEqual([250, 500]);
    await opened.logIn("ana", "wrong", { address: "192.0.2.2" });
    expect(waits).toHaveLength(2);
  });
});

describe("a certificate", () => {
  test("stands for user name and password", async () => {
    await using opened = await openTestAccess({ passwords });
    const login = (certificateName: string) => opened.logIn("ida", "wrong", { certificateName });
    expect(await login("device-7")).toBe("granted as device-7");
    const refused = "not_authorized: its certificate has no usable name";
    expect(await login("")).toBe(refused);
    expect(await login("ana\0.example")).toBe(refused);
  });
});

describe("permissions", () => {
  test("are there with an ACL file alone", async () => {
    await using open = await openTestAccess({});
    expect(open.access.permissionsOf({ username: "ana", clientId: "c1" })).toBeUndefined();
    await using guarded = await openTestAccess({ acl: "user ana\ntopic read a" });
    const ana = guarded.access.permissionsOf({ username: "ana", clientId: "c1" });
    expect([ana?.mayRead("a"), ana?.mayPublish("a"), ana?.maySubscribe("a")]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe("at the start", () => {
  async function failureOf(passwordFile?: string, aclFile?: string): Promise<string> {
    const log = createTestLogger(createLogLines());
    try {
      await using _ = await openAccess({ passwordFile, aclFile, allowAnonymous: false, log });
    } catch (error) {
      if (error instanceof ViadutoError) return `${error.exitCode} ${error.code} ${error.message}`;
      throw error;
    }
    return "none";
  }

  test("a file that cannot be read ends it, with its name", async () => {
    await using folder = await makeTemporaryFolder();
    const [missing, directory, pipe] = ["no", "folder", "pipe"].map(folder.pathOf);
    await mkdir(directory ?? "");
    expect((await run("mkfifo", [pipe ?? ""])).exitCode).toBe(0);
    expect(await failureOf(missing)).toStartWith(
      `2 file_unreadable ${missing} cannot be read: ENO`,
    );
    for (const file of [directory, pipe]) {
      const message = `2 file_unreadable ${file} cannot be read: it is no regular file`;
      expect(await failureOf(file)).toBe(message);
      expect(await failureOf(undefined, file)).toBe(message);
    }
  });

  test("a wrong line ends it, with its place", async () => {
    await using folder = await makeTemporaryFolder();
    const right = await folder.write("right", passwords);
    const wrong = await folder.write("wrong", "# one\n\nfoo\n");
    expect(await failureOf(wrong)).toStartWith(`2 password_line_invalid ${wrong}:3 is no line`);
    expect(await failureOf(right, wrong)).toStartWith(`2 acl_line_invalid ${wrong}:3 is no line`);
  });

  test("a password file that all may read is warned about once", async () => {
    await using folder = await makeTemporaryFolder();
    const log = createLogLines();
    const passwordFile = await folder.write("passwords", passwords);
    const aclFile = await folder.write("acl", "topic a");
    for (const file of [passwordFile, aclFile]) await chmod(file, 0o644);
    const options = { passwordFile, aclFile, allowAnonymous: false, log: createTestLogger(log) };
    await using access = await openAccess(options);
    await access.reload();
    await log.waitForLine(/read .*passwords again: 2 users/);
    const warnings = log.lines.filter((line) => line.includes("WARN"));
    expect(warnings).toEqual([
      expect.stringContaining(`${passwordFile} may be read by every user`),
    ]);
  });
});
