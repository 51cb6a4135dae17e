// `viaduto passwd`: what it leaves in the file, and that Mosquitto's tool and it can take turns.

import { describe, expect, test } from "bun:test";
import { chmod, chown, readdir, readlink, stat, symlink } from "node:fs/promises";
import { parsePasswordFile } from "../../src/access/password-file.ts";
import { isPasswordOf } from "../../src/access/password-hash.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../access/temporary-folder.ts";
import { run } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";
import { createChanges, WAIT_TIMEOUT_MS } from "../kit/waiting.ts";
import { MAIN, runTool } from "./tool-runner.ts";

const passwd = (args: readonly string[], stdin?: string | Uint8Array) =>
  runTool(["passwd", ...args], stdin === undefined ? {} : { stdin });

/** Which of the passwords is the user's in the file. */
async function passwordOf(folder: TemporaryFolder, username: string, ...candidates: string[]) {
  const hash = parsePasswordFile(Buffer.from(await folder.read("users")), "users").get(username);
  for (const candidate of candidates) {
    if (hash && (await isPasswordOf(hash, Buffer.from(candidate)))) return candidate;
  }
  return undefined;
}

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe("viaduto passwd", () => {
  test("-c makes a file for its owner alone, -b takes the password as a word", async () => {
    await using folder = await makeTemporaryFolder();
    const file = folder.pathOf("users");
    const made = await passwd(["-c", "-b", file, "ana", "geheim"]);
    expect(made).toEqual({ exitCode: 0, stdout: `ana is added to ${file}\n`, stderr: "" });
    expect(await modeOf(file)).toBe(0o600);
    expect(await passwordOf(folder, "ana", "geheim")).toBe("geheim");
    expect(await readdir(folder.path)).toEqual(["users"]);
    await passwd(["-cb", file, "ida", "x"]);
    expect(await passwordOf(folder, "ana", "geheim")).toBeUndefined();
  });

  test("reads the first line of a pipe, byte for byte", async () => {
    await using folder = await makeTemporaryFolder();
    const file = await folder.write("users", "");
    await passwd([file, "ana"], "pass wörd \r\nnot this\n");
    expect(await passwordOf(folder, "ana", "pass wörd ")).toBe("pass wörd ");
    await passwd([file, "ana"], "no newline");
    expect(await passwordOf(folder, "ana", "no newline")).toBe("no newline");
    await passwd([file, "ana"], Buffer.from([0xff, 0xfe]));
    const hash = parsePasswordFile(Buffer.from(await folder.read("users")), "users").get("ana");
    expect(hash && (await isPasswordOf(hash, Buffer.from([0xff, 0xfe])))).toBe(true);
  });

  test("changes one line and removes it, and keeps all others", async () => {
    await using folder = await makeTemporaryFolder();
    const file = folder.pathOf("users");
    await passwd(["-c", "-b", file, "ana", "1"]);
    await passwd(["-b", file, "ida", "2"]);
    const others = await folder.read("users");
    await folder.write("users", `# ours\n\n${others}# end`);
    const changed = await passwd(["-b", file, "ana", "3"]);
    expect(changed.stdout).toBe(`ana has another password in ${file}\n`);
    expect(await folder.read("users")).toMatch(/^# ours\n\nana:\$7\$.*\nida:\$7\$.*\n# end$/);
    expect(await passwordOf(folder, "ana", "1", "3")).toBe("3");
    const removed = await passwd(["-D", file, "ana"]);
    expect(removed).toEqual({ exitCode: 0, stdout: `ana is removed from ${file}\n`, stderr: "" });
    expect(await folder.read("users")).toBe(`# ours\n\n${others.split("\n")[1]}\n# end`);
  });

  test("takes words that begin with - behind --", async () => {
    await using folder = await makeTemporaryFolder();
    await passwd(["-c", "-b", "--", folder.pathOf("users"), "-ana", "-D"]);
    expect(await passwordOf(folder, "-ana", "-D")).toBe("-D");
  });

  test("keeps a link, owner and group, and takes from others what they could do", async () => {
    await using folder = await makeTemporaryFolder();
    const file = await folder.write("users", "");
    await chmod(file, 0o644);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(file, 12_345, 54_321);
    await symlink("users", folder.pathOf("link"));
    expect((await passwd(["-b", folder.pathOf("link"), "ana", "x"])).exitCode).toBe(0);
    expect(await readlink(folder.pathOf("link"))).toBe("users");
    expect(await passwordOf(folder, "ana", "x")).toBe("x");
    expect(await modeOf(file)).toBe(0o640);
    const { uid, gid } = await stat(file);
    if (isRoot) expect([uid, gid]).toEqual([12_345, 54_321]);
  });
});

describe("viaduto passwd refuses", () => {
  const cases: readonly [args: string[], exitCode: number, words: string][] = [
    [[], 2, "the file is missing"],
    [["FILE"], 2, "the user is missing"],
    [["-b", "FILE", "ana"], 2, "the password is missing"],
    [["FILE", "ana", "geheim"], 2, "'***' was not expected here"],
    [["-D", "-c", "FILE", "ana"], 2, "--delete and --create exclude each other"],
    [["-D", "-b", "FILE", "ana"], 2, "--delete and --batch exclude each other"],
    [["-U", "FILE"], 2, "there is no flag '-U'"],
    [["-b", "FILE", "a:b", "x"], 2, "the user name 'a:b' has a ':', which ends the name"],
    [["-b", "FILE", "a\nb", "x"], 2, "the user name 'a\\u000ab' has a control character"],
    [["-b", "FILE", "", "x"], 2, "the user name '' is empty"],
    [["-b", "FILE", "ana", ""], 2, "the password cannot be used: it is empty"],
    [["FILE", "ana"], 2, "the password cannot be used: it is empty"],
    [["-D", "FILE", "nobody"], 1, "FILE has no user 'nobody'"],
    [["-D", "FILE", "constructor"], 1, "FILE has no user 'constructor'"],
    [["-b", "MISSING", "ana", "x"], 2, "there is no such file, and only -c makes one"],
    [["-c", "-b", "MISSING/x", "ana", "x"], 1, "MISSING/x cannot be written: ENOENT"],
    [["-b", "OTHER", "ana", "x"], 2, "OTHER:1 is no line of a password file"],
  ];

  test.each(cases)("%j", async (args, exitCode, words) => {
    await using folder = await makeTemporaryFolder();
    const names = ["FILE", "MISSING", "OTHER"] as const;
    const fill = (text: string) =>
      names.reduce((filled, name) => filled.replace(name, folder.pathOf(name)), text);
    await folder.write("FILE", "# kept\n");
    await folder.write("OTHER", "127.0.0.1 localhost\n");
    const result = await passwd(args.map(fill));
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).toStartWith("viaduto: ");
    expect(result.stderr).toContain(fill(words));
    expect(result.stderr).not.toContain("geheim");
    expect(await folder.read("FILE")).toBe("# kept\n");
    expect((await readdir(folder.path)).sort()).toEqual(["FILE", "OTHER"]);
  });
});

describe("on a terminal", () => {
  /** Types each answer when its question is there; what the terminal showed, and the exit code. */
  async function typeAt(args: readonly string[], answers: readonly [RegExp, string][]) {
    let shown = "";
    const changes = createChanges();
    const data = (_: unknown, bytes: Uint8Array) => {
      shown += Buffer.from(bytes).toString();
      changes.announce();
    };
    const argv = [process.execPath, MAIN, "passwd", ...args];
    const child = Bun.spawn(argv, { terminal: { cols: 80, rows: 24, data } });
    for (const [question, answer] of answers) {
      const look = () => (question.test(shown) ? true : undefined);
      await changes.wait(look, WAIT_TIMEOUT_MS, () => new Error(`no ${question} in ${shown}`));
      child.terminal?.write(answer);
    }
    const exitCode = await child.exited;
    child.terminal?.close();
    return { exitCode, shown };
  }

  test("the password is asked for twice, and is not shown", async () => {
    await using folder = await makeTemporaryFolder();
    const file = await folder.write("users", "");
    const { exitCode, shown } = await typeAt(
      [file, "ana"],
      [
        [/Password of ana: $/, "wrong\u0015gehx\u007feim\r"],
        [/Once more: $/, "geheim\r"],
      ],
    );
    expect(exitCode).toBe(0);
    expect(await passwordOf(folder, "ana", "geheim")).toBe("geheim");
    expect(shown).not.toContain("geh");
    expect(shown).not.toContain("wrong");
  });

  test("it may be typed ahead, both lines at once", async () => {
    await using folder = await makeTemporaryFolder();
    const file = await folder.write("users", "");
    const typed = await typeAt([file, "ana"], [[/Password of ana: $/, "gehéim\rgehéim\r"]]);
    expect(typed.exitCode).toBe(0);
    expect(await passwordOf(folder, "ana", "gehéim")).toBe("gehéim");
  });

  test("two that are not the same, or Ctrl-C, leave the file as it is", async () => {
    await using folder = await makeTemporaryFolder();
    const file = await folder.write("users", "# kept\n");
    const differing = await typeAt(
      [file, "ana"],
      [
        [/Password of ana: $/, "one\r"],
        [/Once more: $/, "other\r"],
      ],
    );
    expect(differing.exitCode).toBe(2);
    expect(differing.shown).toContain("it was not the same the second time");
    expect((await typeAt([file, "ana"], [[/Password of ana: $/, "on\u0003"]])).exitCode).toBe(1);
    expect(await folder.read("users")).toBe("# kept\n");
  });
});

describeIf("mosquitto_passwd", "viaduto passwd and mosquitto_passwd", () => {
  test("take turns on one file", async () => {
    await using folder = await makeTemporaryFolder();
    const file = folder.pathOf("users");
    await passwd(["-c", "-b", file, "ana", "1"]);
    expect((await run("mosquitto_passwd", ["-b", file, "ida", "2"])).exitCode).toBe(0);
    await passwd(["-b", file, "ida", "3"]);
    expect((await run("mosquitto_passwd", ["-b", file, "ana", "4"])).exitCode).toBe(0);
    expect(await passwordOf(folder, "ana", "1", "4")).toBe("4");
    expect(await passwordOf(folder, "ida", "2", "3")).toBe("3");
  });
});
