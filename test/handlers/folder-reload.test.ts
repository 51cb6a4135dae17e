import { describe, expect, test } from "bun:test";
import { closeSync, openSync, renameSync, rmSync, symlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { handlerOn, listHandlers, makeFolder } from "./folder-maker.ts";

describe("a saved file is live", () => {
  test("when it is written in place; other handlers are the objects that they were", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a"), "b.ts": handlerOn("b") });
    const watched = await made.watch();
    const [, b] = watched.folder.content.handlers;
    made.write({ "a.ts": handlerOn("a/2") });
    const content = await watched.next();
    expect(listHandlers(content)).toEqual(["a a/2", "b b"]);
    expect(content.handlers[1]?.handler).toBe(b?.handler as never);
    expect(watched.folder.content).toBe(content);
    await made.waitForLine(/INFO - loaded a\.ts again \(1 handler\)$/);
    expect(made.lines.join("\n")).not.toContain("b.ts");
  });

  test("when it is saved by rename, as editors do, and again after it", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a") });
    const watched = await made.watch();
    for (const pattern of ["a/2", "a/3"]) {
      made.write({ ".a.ts.swp": handlerOn(pattern) });
      renameSync(join(made.path, ".a.ts.swp"), join(made.path, "a.ts"));
      expect(listHandlers(await watched.next())).toEqual([`a ${pattern}`]);
    }
    made.write({ "a.ts": handlerOn("a/4") });
    expect(listHandlers(await watched.next())).toEqual(["a a/4"]);
  });

  test("when it is whole, though it was written in two pieces", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a") });
    const watched = await made.watch();
    const text = handlerOn("a/2");
    const file = openSync(join(made.path, "a.ts"), "w");
    writeSync(file, text.slice(0, 50));
    writeSync(file, text.slice(50));
    closeSync(file);
    const content = await watched.next();
    expect(content.failures).toEqual([]);
    expect(listHandlers(content)).toEqual(["a a/2"]);
  });

  test("when it was saved between loading and watching", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a") });
    const folder = await made.open();
    made.write({ "a.ts": handlerOn("a/2") });
    const { value } = await folder.changes().next();
    expect(value && listHandlers(value)).toEqual(["a a/2"]);
  });

  test("when a mounted folder moves its links to a new version", async () => {
    await using made = makeFolder({
      "..v1/a.ts": handlerOn("a", 'import "./_b.ts";\n'),
      "..v1/_b.ts": "",
      "..v2/a.ts": handlerOn("a/2"),
    });
    symlinkSync("..v1", join(made.path, "..data"));
    symlinkSync("..data/a.ts", join(made.path, "a.ts"));
    const watched = await made.watch();
    expect(listHandlers(watched.folder.content)).toEqual(["a a"]);
    symlinkSync("..v2", join(made.path, "..tmp"));
    renameSync(join(made.path, "..tmp"), join(made.path, "..data"));
    expect(listHandlers(await watched.next())).toEqual(["a a/2"]);
  });
});

describe("files come and go", () => {
  test("in new sub-folders, and by removing", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a") });
    const watched = await made.watch();
    made.write({ "new/deep/b.ts": handlerOn("b") });
    expect(listHandlers(await watched.next())).toEqual(["a a", "new/deep/b b"]);
    made.write({ "new/deep/b.ts": handlerOn("b/2") });
    expect(listHandlers(await watched.next())).toEqual(["a a", "new/deep/b b/2"]);
    made.remove("a.ts");
    expect(listHandlers(await watched.next())).toEqual(["new/deep/b b/2"]);
    made.remove("new");
    expect(listHandlers(await watched.next())).toEqual([]);
    await made.waitForLine(/INFO - loaded new\/deep\/b\.ts \(1 handler\)$/);
    await made.waitForLine(/INFO - a\.ts is gone, and so are its handlers$/);
  });

  test("by a new name", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a") });
    const watched = await made.watch();
    renameSync(join(made.path, "a.ts"), join(made.path, "b.ts"));
    expect(listHandlers(await watched.next())).toEqual(["b a"]);
    renameSync(join(made.path, "b.ts"), join(made.path, "_b.ts"));
    expect(listHandlers(await watched.next())).toEqual([]);
  });

  test("with the whole folder, which may come back", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a") });
    const watched = await made.watch();
    rmSync(made.path, { recursive: true });
    expect(listHandlers(await watched.next())).toEqual([]);
    made.write({ "a.ts": handlerOn("a/2"), "sub/b.ts": handlerOn("b") });
    await watched.next(({ handlers }) => handlers.length === 2);
    made.write({ "sub/b.ts": handlerOn("b/2") });
    expect(listHandlers(await watched.next())).toEqual(["a a/2", "sub/b b/2"]);
  });
});

describe("a version that fails", () => {
  test("leaves the old one running, and is live when it is repaired", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a"), "b.ts": handlerOn("b") });
    const watched = await made.watch();
    const old = watched.folder.content.handlers;
    made.write({ "a.ts": "export const a = ;\n" });
    const broken = await watched.next();
    expect(broken.handlers).toEqual([...old]);
    expect(broken.handlers[0]?.handler).toBe(old[0]?.handler as never);
    expect(broken.files[0]).toEqual({ file: "a.ts", handlers: ["a"] });
    expect(broken.failures).toMatchObject([
      { file: "a.ts", line: 1, column: 18, isOldVersionKept: true },
    ]);
    await made.waitForLine(/ERROR - a\.ts:1:18 Unexpected ; .* — the old version stays\. /);
    made.write({ "a.ts": handlerOn("a/2") });
    const repaired = await watched.next();
    expect(repaired.failures).toEqual([]);
    expect(listHandlers(repaired)).toEqual(["a a/2", "b b"]);
  });

  test("and one that throws is tried again when what it needs is there", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a", 'import "./_gone.ts";\n') });
    const watched = await made.watch();
    expect(watched.folder.content.failures.length).toBe(1);
    made.write({ "_gone.ts": 'throw new Error("not yet");\n' });
    expect((await watched.next()).failures).toMatchObject([{ reason: "Error: not yet" }]);
    made.write({ "_gone.ts": "export const ready = true;\n" });
    expect(listHandlers(await watched.next())).toEqual(["a a"]);
  });

  test("because it never finishes its top level does so too", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a"), "b.ts": handlerOn("b") });
    const watched = await made.watch({ loadTimeoutMs: 200 });
    for (const round of [1, 2]) {
      made.write({ "a.ts": handlerOn(`a/${round}`, "await new Promise(() => {});\n") });
      expect((await watched.next()).failures).toMatchObject([{ isOldVersionKept: true }]);
      made.write({ "a.ts": handlerOn(`a/${round}`) });
      const { handlers, failures } = await watched.next();
      expect([failures, handlers[0]?.handler.topic.pattern.text]).toEqual([[], `a/${round}`]);
    }
  });
});

describe("a changed helper", () => {
  const counting = (name: string) => `import { on, topic } from "viaduto";
    import { version } from "./_help.ts"; import { total } from "./_total.ts";
    total.loads += 1;
    export default on(topic("${name}/" + version), () => total.loads);`;

  test("loads again what imports it and no more: other state at module level stays", async () => {
    await using made = makeFolder({
      "_help.ts": 'export { version } from "./_deep.ts";\n',
      "_deep.ts": 'export const version: string = "1";\n',
      "_total.ts": "export const total = { loads: 0 };\n",
      "a.ts": counting("a"),
      "b.ts": counting("b"),
      "c.ts": handlerOn("c"),
    });
    const watched = await made.watch();
    const { handlers: old } = watched.folder.content;
    made.write({ "_deep.ts": 'export const version: string = "2";\n' });
    const { handlers } = await watched.next();
    expect(handlers.map(({ handler }) => handler.topic.pattern.text)).toEqual(["a/2", "b/2", "c"]);
    expect(handlers[2]?.handler).toBe(old[2]?.handler as never);
    expect(handlers[0]?.handler.run({} as never)).toBe(4);
  });

  test("of nobody changes nothing", async () => {
    await using made = makeFolder({ "a.ts": handlerOn("a"), "_help.ts": "" });
    const watched = await made.watch();
    made.write({ "_help.ts": "export const a = 1;\n", "notes.md": "x" });
    made.write({ "b.ts": handlerOn("b") });
    expect(listHandlers(await watched.next())).toEqual(["a a", "b b"]);
    expect(made.lines.join("\n")).not.toContain("a.ts again");
  });

  test("that is there in two versions runs no handler twice", async () => {
    await using made = makeFolder({
      "_help.ts": handlerOn("shared"),
      "a.ts": 'export { default as shared } from "./_help.ts";\n',
      "b.ts": `${handlerOn("b")}export { default as shared } from "./_help.ts";\n`,
    });
    const watched = await made.watch();
    expect(listHandlers(watched.folder.content)).toEqual(["a#shared shared", "b b"]);
    made.write({ "_help.ts": handlerOn("shared/2"), "b.ts": "export const a = ;\n" });
    const content = await watched.next(({ failures }) => failures.length > 0);
    expect(listHandlers(content)).toEqual(["a#shared shared/2", "b b"]);
  });
});

test("many reloads leave nothing behind, and closing ends the changes and the watch", async () => {
  await using made = makeFolder({ "a.ts": handlerOn("a"), "sub/_b.ts": "" });
  const listCached = () => Object.keys(require.cache).filter((path) => path.startsWith(made.path));
  const folder = await made.open();
  const changes = folder.changes();
  for (let round = 0; round < 20; round++) {
    const change = changes.next();
    made.write({ "a.ts": handlerOn(`a/${round}`, 'import "./sub/_b.ts";\n') });
    const { value } = await change;
    expect(value && listHandlers(value)).toEqual([`a a/${round}`]);
  }
  expect(listCached().sort()).toEqual([join(made.path, "a.ts"), join(made.path, "sub/_b.ts")]);
  const last = changes.next();
  await folder[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
  expect((await last).done).toBe(true);
  expect((await folder.changes().next()).done).toBe(true);
});
