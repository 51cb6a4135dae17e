// The login that --lan makes: kept, for nobody else to read, and easy to say.

import { describe, expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLanLogin, readLanLogin, toBrokerLogins } from "../../src/app/lan-login.ts";
import { PASSWORD_WORDS } from "../../src/app/password-words.ts";
import { catchError } from "../config/settings-reader.ts";
import { makeFolder } from "../kit/dead-letters.ts";

const IN_MEMORY = { lan: true, data: ":memory:" };

test("without --lan there is none, and nothing is written", async () => {
  await using folder = await makeFolder();
  expect(openLanLogin({ lan: false, data: folder.path })).toBeUndefined();
  expect(readLanLogin(folder.path)).toBeUndefined();
});

describe("a login", () => {
  test("is three words and a number: 31 bits", () => {
    const bits = 3 * Math.log2(PASSWORD_WORDS.length) + Math.log2(128);
    expect(bits).toBeGreaterThanOrEqual(30);
    const passwords = Array.from({ length: 200 }, () => openLanLogin(IN_MEMORY)?.password ?? "");
    for (const password of passwords) {
      const [, words = "", number] = /^((?:[a-z]+-){3})(\d+)$/.exec(password) ?? [];
      expect(
        words
          .slice(0, -1)
          .split("-")
          .every((word) => PASSWORD_WORDS.includes(word)),
      ).toBe(true);
      expect(Number(number)).toBeWithin(0, 128);
    }
    expect(new Set(passwords).size).toBe(200);
  });

  test("has a token that needs no escaping in a URL", () => {
    const login = openLanLogin(IN_MEMORY);
    expect(login?.username).toBe("viaduto");
    expect(login?.httpToken).toMatch(/^[\w-]{16}$/);
  });

  test("is kept across restarts, and only its owner can read it", async () => {
    await using folder = await makeFolder();
    const options = { lan: true, data: join(folder.path, "new") };
    const first = openLanLogin(options);
    expect(first).toMatchObject({ isNew: true });
    expect(openLanLogin(options)).toEqual({ ...first, isNew: false } as never);
    const mode = statSync(join(options.data, "lan-login.json")).mode & 0o777;
    if (process.platform !== "win32") expect(mode).toBe(0o600);
  });

  test("in memory is new at each start", () => {
    expect(openLanLogin(IN_MEMORY)?.password).not.toBe(openLanLogin(IN_MEMORY)?.password);
  });

  test.each(["", "{", "null", "[]", '{"username":"a","password":"","httpToken":"c"}'])(
    "that cannot be read, as %j, stops the start and is not written over",
    async (text) => {
      await using folder = await makeFolder();
      const file = join(folder.path, "lan-login.json");
      writeFileSync(file, text);
      const error = catchError(() => openLanLogin({ lan: true, data: folder.path }));
      expect([error.code, error.exitCode, error.facts.file]).toEqual(["file_unreadable", 2, file]);
      expect(await Bun.file(file).text()).toBe(text);
    },
  );

  test("that cannot be kept stops the start", async () => {
    await using folder = await makeFolder();
    const file = join(folder.path, "file");
    writeFileSync(file, "");
    const error = catchError(() => openLanLogin({ lan: true, data: join(file, "folder") }));
    expect(["file_unwritable", "file_unreadable"]).toContain(error.code);
  });
});

test("the embedded broker takes it, unless it has a file of logins", () => {
  const login = openLanLogin(IN_MEMORY);
  const { username = "", password = "" } = login ?? {};
  expect(toBrokerLogins(login, {})).toEqual([{ username, password }]);
  expect(toBrokerLogins(login, { passwordFile: "passwords" })).toBeUndefined();
  expect(toBrokerLogins(undefined, {})).toBeUndefined();
});

test("256 words, each once, of letters that everyone can type", () => {
  expect(new Set(PASSWORD_WORDS).size).toBe(256);
  for (const word of PASSWORD_WORDS) expect(word).toMatch(/^[a-z]{3,9}$/);
});
