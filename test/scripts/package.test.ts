// The package as others install it: what is in it, and that it works from there.

import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../kit/processes.ts";

const ROOT = join(import.meta.dir, "../..");
const PROGRAM = `
import { Elysia } from "elysia";
import { on, t, topic, viaduto } from "viaduto";
import { startBridge } from "viaduto/testing";

const ask = topic("square", { payload: t.Number(), reply: t.Number() });
const handlers = [on(ask, ({ payload }) => payload * payload)];
{
  await using bridge = await startBridge({ handlers });
  console.log("testing", await bridge.request(ask, 6));
}
const quiet = { data: ":memory:", mqttPort: 0, wsPort: "off", logLevel: "error" } as const;
const app = new Elysia()
  .use(viaduto({ handlers, ...quiet }))
  .get("/", ({ mqtt }) => mqtt.request(ask, 7));
console.log("library", await (await app.handle(new Request("http://localhost/"))).text());
await app.decorator.mqtt.stop();
`;

test("the package holds the library and no more, and works where it is installed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "viaduto-package-"));
  const modules = join(folder, "node_modules");
  const bun = (...args: string[]) => run(process.execPath, args, { cwd: ROOT });
  const packed = await bun("pm", "pack", "--quiet", "--destination", folder);
  expect(packed).toMatchObject({ exitCode: 0 });
  const [tarball = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  const listed = await run("tar", ["tzf", join(folder, tarball)]);
  const files = listed.stdout.trim().split("\n");
  const isExpected =
    /^package\/(package\.json|README[^/]*|LICENSE|src\/(viaduto|testing|app)\.ts)$/;
  const folders =
    "access|app|broker|config|handlers|http|lib|link|store|testing|topics|tracing|web";
  const isPart = new RegExp(`^package/src/(${folders})/`);
  expect(files.filter((file) => !isExpected.test(file) && !isPart.test(file))).toEqual([]);

  await run("mkdir", ["-p", join(modules, "viaduto")]);
  const unpack = ["xzf", join(folder, tarball), "-C", join(modules, "viaduto"), "--strip", "1"];
  expect(await run("tar", unpack)).toMatchObject({ exitCode: 0 });
  for (const name of await readdir(join(ROOT, "node_modules"))) {
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
  await Bun.write(join(folder, "app.ts"), PROGRAM);
  const program = await run(process.execPath, ["app.ts"], { cwd: folder });
  expect(program).toMatchObject({ stdout: "testing 36\nlibrary 49\n", exitCode: 0 });
  await rm(folder, { recursive: true });
}, 30_000);
