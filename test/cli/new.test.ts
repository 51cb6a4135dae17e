// `viaduto new`: what it writes, and that it passes the compiler and its own test as written.

import { describe, expect, test } from "bun:test";
import { buildHandler, toFileName, toNamedPattern } from "../../src/cli/handler-template.ts";
import { parsePattern } from "../../src/topics/pattern.ts";
import { openStarterFolder } from "./starter-folder.ts";

describe("viaduto new", () => {
  test("writes a handler and its test, named after the topic", async () => {
    await using folder = await openStarterFolder();
    const result = await folder.runBinary(["new", "devices/{id}/state"]);
    expect(result).toEqual({
      exitCode: 0,
      stdout: "  wrote  handlers/devices-state.ts\n  wrote  handlers/devices-state.test.ts\n",
      stderr: "",
    });
    const handler = await folder.read("handlers/devices-state.ts");
    expect(handler).toContain('topic("devices/{id}/state", {');
    expect(handler).toContain("params.id");
  });

  test("its files pass the compiler and their own test, for every kind of pattern", async () => {
    await using folder = await openStarterFolder();
    const patterns = ["devices/{id}/state", "a/+/b/#", "{x}/{y...}", "#", "answers/#", "Up/down"];
    for (const pattern of patterns) {
      expect((await folder.runBinary(["new", pattern])).stderr).toBe("");
    }
    expect(await folder.checkTypes()).toBe("");
    const { exitCode, stderr } = await folder.runBinary(["test"]);
    expect(stderr).toContain(` ${patterns.length + 4} pass\n 0 fail\n`);
    expect(exitCode).toBe(0);
  });

  test("writes over nothing, and does not leave half of it", async () => {
    await using folder = await openStarterFolder();
    await folder.write("handlers/devices-state.test.ts", "// mine\n");
    const { exitCode, stderr } = await folder.runBinary(["new", "devices/{id}/state"]);
    expect(exitCode).toBe(2);
    expect(stderr).toStartWith("viaduto: handlers/devices-state.test.ts is there already\n");
    expect(await folder.read("handlers/devices-state.test.ts")).toBe("// mine\n");
    expect(folder.read("handlers/devices-state.ts")).rejects.toThrow();
  });

  test("goes where --handlers, HANDLERS_DIR or the file says", async () => {
    await using folder = await openStarterFolder();
    await folder.write("viaduto.config.json", JSON.stringify({ handlers: "of-file" }));
    await folder.runBinary(["new", "a", "--handlers", "of-flag"], { HANDLERS_DIR: "of-env" });
    await folder.runBinary(["new", "b"], { HANDLERS_DIR: "of-env" });
    await folder.runBinary(["new", "c"]);
    for (const file of ["of-flag/a.ts", "of-env/b.ts", "of-file/c.ts"]) {
      expect(await folder.read(file)).toContain("export default on(");
    }
  });

  test("a pattern that is none, or no pattern, ends with 2", async () => {
    await using folder = await openStarterFolder();
    const wrong = await folder.runBinary(["new", "devices/a#"]);
    expect([wrong.exitCode, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toStartWith("viaduto: 'devices/a#' is no topic pattern: ");
    const missing = await folder.runBinary(["new"]);
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toStartWith("viaduto: the topic is missing\n");
  });
});

describe("the name of a new handler", () => {
  test.each([
    ["devices/{id}/state", "devices-state"],
    ["homeAssistant/light/{name}", "home-assistant-light"],
    ["{site}/{line...}", "site-line"],
    ["$share-not/ÄÖ/x_1", "share-not-x-1"],
    ["ÄÖ", "handler"],
    ["../../etc", "etc"],
    ["#", "rest"],
  ])("of %s is %s", (pattern, name) => {
    expect(toFileName(toNamedPattern(parsePattern(pattern)))).toBe(name);
  });
});

test("wildcards get names that are free", () => {
  const { text } = toNamedPattern(parsePattern("{level2}/+/{rest}/#"));
  expect(text).toBe("{level2}/{level2_}/{rest}/{rest_...}");
});

test("a handler whose own answers fit its pattern does not hear them", () => {
  const build = (text: string) => buildHandler(parsePattern(text));
  expect(build("{all...}")).toContain("noLocal: true");
  expect(build("answers/{all...}")).toContain("noLocal: true");
  expect(build("devices/{all...}")).not.toContain("noLocal");
});
