// `viaduto test`: the tests of a handler folder with the binary alone.

import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openEmptyFolder, openStarterFolder } from "./starter-folder.ts";

test("the starter folder's tests pass, with no bun and no node_modules", async () => {
  await using folder = await openStarterFolder();
  const { exitCode, stderr } = await folder.runBinary(["test"]);
  expect(stderr).toContain(" 4 pass\n 0 fail\n");
  expect(exitCode).toBe(0);
});

test("only the files and the tests that are named run", async () => {
  await using folder = await openStarterFolder();
  const argv = ["test", "handlers/room-state.test.ts", "-t", "feels hot"];
  const { exitCode, stderr } = await folder.runBinary(argv);
  expect(stderr).toContain(" 1 pass\n");
  expect(stderr).not.toContain("echo.test.ts");
  expect(exitCode).toBe(0);
});

test("a test that fails ends it with 1", async () => {
  await using folder = await openStarterFolder();
  const echo = await folder.read("handlers/echo.ts");
  await folder.write("handlers/echo.ts", echo.replace("payload.text }", '"something else" }'));
  const { exitCode, stderr } = await folder.runBinary(["test"]);
  expect(stderr).toContain("(fail) what is said comes back");
  expect(exitCode).toBe(1);
});

test("after a fresh clone, which has no .viaduto/, it makes it", async () => {
  await using folder = await openStarterFolder();
  await rm(join(folder.path, ".viaduto"), { recursive: true });
  const { exitCode } = await folder.runBinary(["test", "echo"]);
  expect(exitCode).toBe(0);
  expect(await folder.read(".viaduto/viaduto.d.ts")).not.toBe("");
});

test("a name that no file has is not looked for in the network", async () => {
  await using folder = await openStarterFolder();
  await folder.write("handlers/x.test.ts", 'import "is-odd";\n');
  const { exitCode, stderr } = await folder.runBinary(["test", "x.test"]);
  expect(stderr).toContain("'is-odd'");
  expect(exitCode).toBe(1);
});

test("a folder that init has not seen is told of it", async () => {
  await using folder = await openEmptyFolder();
  const { exitCode, stderr } = await folder.runBinary(["test"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("make one with: viaduto init");
});
