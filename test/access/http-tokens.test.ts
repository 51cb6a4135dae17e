// Whose token it is: by itself or by its cookie, and slower for who guesses.

import { expect, test } from "bun:test";
import { type HttpTokensOptions, openHttpTokens } from "../../src/access/http-tokens.ts";
import { digestToken } from "../../src/access/token-file.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { createLogger } from "../../src/lib/log.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const FULL = { name: "http-token", secret: "full" };

/** Tokens whose waits end at once; they are counted. */
async function openTokens(options: Partial<HttpTokensOptions> = {}) {
  const { writer, lines, waitForLine } = createLogLines();
  const log = createLogger({ name: "HTTP", level: "info", format: "text", colour: false, writer });
  let nowMs = 1_000_000;
  const waitsMs: number[] = [];
  const clock: Clock = {
    now: () => nowMs,
    async wait(ms) {
      waitsMs.push(ms);
      nowMs += ms;
    },
  };
  const tokens = await openHttpTokens({
    file: undefined,
    token: undefined,
    log,
    clock,
    ...options,
  });
  const show = async (text: string, address = "10.0.0.1", kind: "token" | "cookie" = "token") => {
    const found = await tokens.identify({ kind, text }, address);
    return typeof found === "string" ? found : found.name;
  };
  return {
    tokens,
    show,
    lines,
    waitForLine,
    waitsMs,
    [Symbol.asyncDispose]: () => tokens[Symbol.asyncDispose](),
  };
}

test("nobody is asked without a token and without a file", async () => {
  await using none = await openTokens();
  expect(none.tokens.isAsked).toBeFalse();
  await using one = await openTokens({ token: FULL });
  expect(one.tokens.isAsked).toBeTrue();
});

test("knows those of the file, also by their digest, and the one that may do all", async () => {
  await using folder = await makeTemporaryFolder();
  const file = await folder.write(
    "tokens",
    `token ana s3cret\nread\ntoken bo sha256:${digestToken("hidden")}\n`,
  );
  await using opened = await openTokens({ file, token: FULL });
  const { show } = opened;
  expect([await show("s3cret"), await show("hidden"), await show("full")]).toEqual([
    "ana",
    "bo",
    "http-token",
  ]);
  for (const text of ["", "s3cre", "s3cret ", digestToken("hidden"), "ana"]) {
    expect(await show(text)).toBe("wrong");
  }
  await folder.write("tokens", "token cy neu\n");
  await opened.tokens.reload();
  await opened.waitForLine(/tokens again: 1 token$/);
  expect([await show("neu", "10.0.0.2"), await show("full", "10.0.0.2")]).toEqual([
    "cy",
    "http-token",
  ]);
  expect(await show("s3cret", "10.0.0.2")).toBe("wrong");
  await folder.write("tokens", "token cy neu\nread a#\n");
  await opened.tokens.reload();
  await opened.waitForLine(/tokens:2 is no line of a tokens file: .* — the old content stays/);
  expect(await show("neu", "10.0.0.2")).toBe("cy");
  expect(opened.lines.join()).not.toContain("neu\n");
});

test("a cookie stands for its token, and cannot be made from the file's digest", async () => {
  await using folder = await makeTemporaryFolder();
  const text = `token ana s3cret\ntoken bo sha256:${digestToken("hidden")}\n`;
  const file = await folder.write("tokens", text);
  await using opened = await openTokens({ file });
  await using again = await openTokens({ file });
  const cookieOf = async ({ tokens }: typeof opened, secret: string) => {
    const found = await tokens.identify({ kind: "token", text: secret }, "10.0.0.1");
    return typeof found === "string" ? found : found.cookie;
  };
  const cookies = [await cookieOf(opened, "s3cret"), await cookieOf(opened, "hidden")] as const;
  expect(await opened.show(cookies[0], "10.0.0.1", "cookie")).toBe("ana");
  expect(await opened.show(cookies[1], "10.0.0.1", "cookie")).toBe("bo");
  expect(await opened.show(cookies[0])).toBe("wrong"); // It is no token.
  expect(await opened.show("s3cret", "10.0.0.1", "cookie")).toBe("wrong");
  // After a restart the one holds; who has only read the file could not have made the other.
  expect(await cookieOf(again, "s3cret")).toBe(cookies[0]);
  expect(await cookieOf(again, "hidden")).not.toBe(cookies[1]);
});

test("who guesses waits, longer and longer; others do not", async () => {
  await using opened = await openTokens({ token: FULL });
  for (let at = 0; at < 7; at++) expect(await opened.show(`guess ${at}`)).toBe("wrong");
  expect(opened.waitsMs).toEqual([250, 500]);
  expect(await opened.show("full", "10.0.0.2")).toBe("http-token");
  expect(opened.waitsMs).toHaveLength(2);
  // Also for the right one, else it could be told by its speed.
  expect(await opened.show("full")).toBe("http-token");
  expect(opened.waitsMs).toEqual([250, 500, 1_000]);
});

test("the same wrong token again is no guess: nobody waits for yesterday's token", async () => {
  await using opened = await openTokens({ token: FULL });
  for (let at = 0; at < 100; at++) expect(await opened.show("yesterday's")).toBe("wrong");
  expect(await opened.show("full")).toBe("http-token");
  expect(opened.waitsMs).toEqual([]);
});
