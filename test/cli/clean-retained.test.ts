// `viaduto clean-retained` towards Mosquitto and the embedded broker: list, delete, and say what is
// still there.

import { describe, expect, test } from "bun:test";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { describeIf } from "../kit/suites.ts";
import { at, BROKERS, runTool } from "./tool-runner.ts";

async function retain({ client }: Device, topics: readonly string[]): Promise<void> {
  for (const topic of topics) await client.publishAsync(topic, "x", { qos: 1, retain: true });
}

/** The topics that are retained, as the command itself lists them. */
async function list(port: number, filter: string): Promise<readonly string[]> {
  const { stdout, exitCode } = await runTool(["clean-retained", filter, "--dry-run", ...at(port)]);
  expect(exitCode).toBe(0);
  return stdout.split("\n").filter((line) => line !== "");
}

for (const [name, startBroker] of BROKERS) {
  describeIf(["mosquitto"], `clean-retained, towards ${name}`, () => {
    test("lists with --dry-run, and deletes what the filter matches without it", async () => {
      await using broker = await startBroker();
      await using device = await connectDevice(broker.port, "a/+/x");
      await retain(device, ["a/1/x", "a/2/x", "b/1"]);
      await device.waitForCount(2);
      const argv = ["clean-retained", "a/#", ...at(broker.port)];
      expect(await runTool([...argv, "--dry-run"])).toEqual({
        exitCode: 0,
        stdout: "a/1/x\na/2/x\n",
        stderr: "2; nothing was deleted\n",
      });
      expect(device.received).toHaveLength(2);
      expect(await runTool(argv)).toEqual({
        exitCode: 0,
        stdout: "a/1/x\na/2/x\n",
        stderr: "2 deleted\n",
      });
      const [, , ...empty] = await device.waitForCount(4);
      expect(empty.map(({ text }) => text)).toEqual(["", ""]);
      expect(await list(broker.port, "#")).toEqual(["b/1"]);
    });

    test("of more than goes at once deletes all, also over MQTT 3.1.1", async () => {
      await using broker = await startBroker();
      await using device = await connectDevice(broker.port);
      await retain(
        device,
        Array.from({ length: 650 }, (_, number) => `many/${number}`),
      );
      const argv = ["clean-retained", "many/#", ...at(broker.port), "-V", "311"];
      const { exitCode, stderr } = await runTool(argv);
      expect([exitCode, stderr]).toEqual([0, "650 deleted\n"]);
      expect(await list(broker.port, "many/#")).toEqual([]);
    });
  });
}

describeIf(["mosquitto"], "clean-retained, where one may not write", () => {
  for (const version of ["5", "311"]) {
    test(`over MQTT ${version} says what is still there`, async () => {
      await using folder = await makeTemporaryFolder();
      // The user nobody writes below a, and reads all.
      const acl = await folder.write(
        "acl",
        "topic read #\ntopic write a/#\nuser boss\ntopic readwrite #\n",
      );
      await using broker = await startMosquitto({ extra: [`acl_file ${acl}`] });
      await using boss = await connectDevice(broker.port, undefined, { username: "boss" });
      await retain(boss, ["a/1", "b/1"]);
      const argv = ["clean-retained", "#", ...at(broker.port), "-V", version];
      const { exitCode, stdout, stderr } = await runTool(argv);
      expect([exitCode, stdout]).toEqual([1, "a/1\n"]);
      expect(stderr).toContain("1 deleted, 1 are still there\n");
    });
  }
});

describe("clean-retained, used wrongly", () => {
  test.each([
    [[], "the filter", 2],
    [["a/#/b"], "a/#/b", 2],
    [["$share/g/a"], "takes messages away", 1],
    [["a", "b"], "b", 2],
    [["a", "-D", "publish", "content-type", "x"], "content-type", 2],
  ] as const)("%j is refused before anything is asked", async (words, told, code) => {
    const { exitCode, stderr } = await runTool(["clean-retained", ...words, ...at(1)]);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(told);
  });

  test("without a broker says so", async () => {
    const { exitCode, stderr } = await runTool(["clean-retained", "a", ...at(1)]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("nothing listens at");
  });
});
