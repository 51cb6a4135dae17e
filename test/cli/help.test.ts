import { expect, test } from "bun:test";
import { COMMANDS } from "../../src/cli/commands.ts";
import { formatCommands, formatOptions } from "../../src/cli/help.ts";
import { GROUPS } from "../../src/config/option-kinds.ts";
import { listVariables, OPTIONS } from "../../src/config/options.ts";
import { runMain } from "./process-runner.ts";

test("the options' help has every flag, variable and danger of the schema", () => {
  const words = formatOptions().replaceAll(/\s+/g, " ");
  for (const option of OPTIONS) {
    const { description, danger } = option.schema;
    for (const text of [`--${option.flag} `, description, danger ?? "", ...listVariables(option)]) {
      expect(words).toContain(text);
    }
  }
  for (const group of GROUPS) expect(words).toContain(group);
});

test("a default is shown with its unit", () => {
  const help = formatOptions();
  expect(help).toContain("default 1048576 bytes (1 MiB), from 1 to 268435456");
  expect(help).toContain("default 10000 milliseconds");
  expect(help).toContain("default off; environment ALLOW_ANONYMOUS");
});

test("no line of help is wider than a projector shows", () => {
  const lines = `${formatOptions()}${formatCommands(COMMANDS)}`.split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(88);
});

test("viaduto --help lists the commands", async () => {
  const { stdout, exitCode } = await runMain(["--help"]);
  expect(exitCode).toBe(0);
  const columns = Math.max(...COMMANDS.map(({ name }) => name.length));
  for (const { name, summary } of COMMANDS)
    expect(stdout).toContain(`${name.padEnd(columns)}  ${summary}`);
});

test("help of a command is the same by every way to ask", async () => {
  const ways = [
    ["help", "config"],
    ["config", "--help"],
    ["config", "--prot", "--help"],
  ];
  const answers = await Promise.all(ways.map((argv) => runMain(argv)));
  for (const { stdout, exitCode } of answers) {
    expect(exitCode).toBe(0);
    expect(stdout).toStartWith("viaduto config: print the effective settings");
    expect(stdout).toBe(answers[0]?.stdout ?? "");
  }
});

test("flags without a command are those of serve", async () => {
  const { stdout } = await runMain(["--port", "0", "--help"]);
  expect(stdout).toStartWith("viaduto serve: ");
  expect(stdout).toContain("--payload-bytes-max <bytes>");
});

test("help for what is no command names the nearest", async () => {
  const { stderr, exitCode } = await runMain(["help", "confg"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("did you mean 'config'?");
});
