import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withoutDebug } from "../../scripts/without-debug.ts";
import { run } from "../kit/processes.ts";

const PROGRAM = `
  import debug from "debug";
  const log = debug("app");
  log("hello %s", "there");
  log.extend("part")("hello");
  console.log(log.enabled, log.extend("part").enabled, require("debug")("other").enabled);
`;

test("a bundle's debug calls do nothing, whatever DEBUG says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "viaduto-bundle-"));
  try {
    await writeFile(join(folder, "program.ts"), PROGRAM);
    await Bun.build({
      entrypoints: [join(folder, "program.ts")],
      outdir: folder,
      target: "bun",
      plugins: [withoutDebug],
    });
    const env = { DEBUG: "*" };
    const result = await run(process.execPath, [join(folder, "program.js")], { env });
    expect(result).toEqual({ exitCode: 0, stdout: "false false false\n", stderr: "" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
