import { expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { runMain } from "./process-runner.ts";

test("the version is that of package.json, by both ways to ask", async () => {
  const { platform, arch } = process;
  const expected = `viaduto ${manifest.version} (bun ${Bun.version}, ${platform}-${arch})\n`;
  for (const argv of [["version"], ["--version"]]) {
    expect(await runMain(argv)).toEqual({ stdout: expected, stderr: "", exitCode: 0 });
  }
});

test("an unknown command ends with 2 and the nearest name", async () => {
  const { stdout, stderr, exitCode } = await runMain(["verison"]);
  expect([stdout, exitCode]).toEqual(["", 2]);
  expect(stderr).toBe(
    "viaduto: there is no command 'verison'\n" +
      "  → did you mean 'version'? All commands: viaduto --help\n",
  );
});

test("what a person typed cannot move the cursor of who reads the error", async () => {
  const { stderr } = await runMain(["\u001b[2J"]);
  expect(stderr).toStartWith("viaduto: there is no command '\\u001b[2J'");
});

test("-h is not help", async () => {
  const { stderr, exitCode } = await runMain(["config", "-h"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("there is no flag '-h'\n  → did you mean '--host'?");
});

test("version takes nothing", async () => {
  expect((await runMain(["version", "now"])).exitCode).toBe(2);
  expect((await runMain(["version", "--now"])).exitCode).toBe(2);
});
