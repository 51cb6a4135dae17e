// `viaduto init` as somebody runs it who has the binary and nothing else.

import { describe, expect, test } from "bun:test";
import { cp, mkdtemp, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY } from "../kit/bridge.ts";
import { connectDevice } from "../kit/device.ts";
import { run, spawnProcess } from "../kit/processes.ts";
import { openEmptyFolder, openStarterFolder } from "./starter-folder.ts";

const ROOT = join(import.meta.dir, "../..");
const WRITTEN = [
  ".gitignore",
  "handlers/echo.test.ts",
  "handlers/echo.ts",
  "handlers/room-state.test.ts",
  "handlers/room-state.ts",
  "tsconfig.json",
];

describe("viaduto init", () => {
  test("makes the folder, and says what it wrote and what to do next", async () => {
    await using folder = await openEmptyFolder();
    const { exitCode, stdout, stderr } = await folder.runBinary(["init", "my demo"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    for (const name of WRITTEN) {
      expect(stdout).toContain(`  wrote  ${name}\n`);
      expect(await folder.read(`my demo/${name}`)).not.toBe("");
    }
    expect(stdout).toContain("  wrote  .viaduto/ ");
    // The binary is on no PATH, so the lines to copy name where it is.
    expect(stdout).toContain(`Next:\n\n  cd 'my demo'\n  ${BINARY} --watch\n  ${BINARY} test\n`);
  });

  test("keeps every file that is there, but for .viaduto/", async () => {
    await using folder = await openStarterFolder();
    await folder.write("handlers/echo.ts", "// mine\n");
    await folder.write(".viaduto/viaduto.d.ts", "// of an old version\n");
    const { exitCode, stdout } = await folder.runBinary(["init"]);
    expect(exitCode).toBe(0);
    for (const name of WRITTEN) expect(stdout).toContain(`  kept   ${name}\n`);
    expect(stdout).not.toContain("cd ");
    expect(await folder.read("handlers/echo.ts")).toBe("// mine\n");
    expect(await folder.read(".viaduto/viaduto.d.ts")).toContain("export {");
  });

  test("leaves what is right in .viaduto/ untouched, so that an editor rests", async () => {
    await using folder = await openStarterFolder();
    const file = join(folder.path, ".viaduto/viaduto.d.ts");
    const before = await stat(file);
    await folder.runBinary(["init"]);
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
  });

  test("where nothing can be written it fails, and says why", async () => {
    await using folder = await openStarterFolder();
    const { exitCode, stderr } = await folder.runBinary(["init", "tsconfig.json"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("tsconfig.json/.gitignore cannot be written: ");
  });

  test("two folders are one too many", async () => {
    await using folder = await openEmptyFolder();
    const { exitCode, stderr } = await folder.runBinary(["init", "a", "b"]);
    expect(exitCode).toBe(2);
    expect(stderr).toStartWith("viaduto: 'b' was not expected here\n");
  });

  test("from source that was never built, it says what to run first", async () => {
    await using folder = await openEmptyFolder();
    const copy = await mkdtemp(join(tmpdir(), "viaduto-source-"));
    try {
      await cp(join(ROOT, "src"), join(copy, "src"), { recursive: true });
      await cp(join(ROOT, "package.json"), join(copy, "package.json"));
      await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
      const argv = [join(copy, "src/main.ts"), "init"];
      const { exitCode, stderr } = await run(process.execPath, argv, { cwd: folder.path });
      expect(exitCode).toBe(2);
      expect(stderr).toContain("with bun run build");
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  });
});

test("the binary alone runs what init wrote, and reloads it", async () => {
  await using folder = await openStarterFolder();
  const flags = ["--watch", "--port", "0", "--mqtt-port", "0", "--ws-port", "0"];
  const argv = [...flags, "--log-format", "text"];
  await using bridge = spawnProcess(BINARY, argv, { cwd: folder.path, env: { PATH: "" } });
  const [, port] = await bridge.waitForLine(/^ {2}MQTT +mqtt:\/\/127\.0\.0\.1:(\d+)/);
  await using device = await connectDevice(Number(port), "echo/+/heard");
  await device.send("echo/ana", { text: "hello" });
  await device.waitForCount(1);
  expect(JSON.parse(device.received[0]?.text ?? "")).toEqual({ name: "ana", text: "hello" });

  const from = bridge.lines.length;
  const echo = await folder.read("handlers/echo.ts");
  await folder.write(
    "handlers/echo.ts",
    echo.replace("payload.text }", 'payload.text.concat("!") }'),
  );
  await bridge.waitForLine(/INFO - loaded .*echo/, { from });
  await device.send("echo/ana", { text: "hello" });
  await device.waitForCount(2);
  expect(JSON.parse(device.received[1]?.text ?? "")).toMatchObject({ text: "hello!" });
});
