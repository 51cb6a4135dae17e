import { expect, test } from "bun:test";
import { OPTIONS } from "../../src/config/options.ts";
import { runMain } from "./process-runner.ts";

const findRow = (stdout: string, flag: string) =>
  stdout
    .split("\n")
    .find((line) => line.startsWith(`${flag} `))
    ?.split(/ {2,}/);

test("viaduto config prints every option with its value and where it comes from", async () => {
  const argv = ["config", "--broker", "a,mqtts://b", "--origin", "workshop"];
  const { stdout, stderr, exitCode } = await runMain(argv, { PORT: "9000" });
  expect([stderr, exitCode]).toEqual(["", 0]);
  expect(stdout.trimEnd().split("\n").length).toBe(OPTIONS.length);
  expect(findRow(stdout, "broker")).toEqual([
    "broker",
    "mqtt://a:1883,mqtts://b:8883",
    "flag --broker",
  ]);
  expect(findRow(stdout, "origin")).toEqual(["origin", "workshop", "flag --origin"]);
  expect(findRow(stdout, "port")).toEqual(["port", "9000", "environment PORT"]);
  expect(findRow(stdout, "username")).toEqual(["username", "(none)", "default"]);
  expect(findRow(stdout, "log-format")).toEqual(["log-format", "json", "default"]);
});

test("without a broker it says that the embedded one is used", async () => {
  const { stdout } = await runMain(["config"]);
  expect(findRow(stdout, "broker")).toEqual(["broker", "(embedded)", "default"]);
});

test("secrets are masked, wherever they come from", async () => {
  const argv = ["config", "--password", "hunter2", "--broker", "mqtt://me:hunter2@a"];
  const { stdout } = await runMain(argv, { MQTT_TOKEN: "hunter2" });
  expect(stdout).not.toContain("hunter2");
  expect(findRow(stdout, "password")).toEqual(["password", "***", "flag --password"]);
  expect(findRow(stdout, "token")).toEqual(["token", "***", "environment MQTT_TOKEN"]);
  expect(findRow(stdout, "broker")?.[1]).toBe("mqtt://***@a:1883");
});

test("control characters cannot fake a line", async () => {
  const { stdout } = await runMain(["config", "--username", "a\n\u001b[2Jb"]);
  expect(findRow(stdout, "username")?.[1]).toBe("a\\u000a\\u001b[2Jb");
});

test("an unknown flag ends with 2 and the nearest name", async () => {
  const { stdout, stderr, exitCode } = await runMain(["config", "--brokr", "a"]);
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toBe(
    "viaduto: there is no flag '--brokr'\n" +
      "  → did you mean '--broker'? All flags: viaduto config --help\n",
  );
});

test("MQTT_PORT=abc ends with 2 and its name", async () => {
  const { stderr, exitCode } = await runMain(["config"], { MQTT_PORT: "abc" });
  expect(exitCode).toBe(2);
  expect(stderr).toStartWith("viaduto: MQTT_PORT is 'abc' (from the environment)");
});
