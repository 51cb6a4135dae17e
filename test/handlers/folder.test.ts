import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { HandlerFolder } from "../../src/handlers/folder.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import { createLogger } from "../../src/lib/log.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { handlerOn, listHandlers, makeFolder } from "./folder-maker.ts";

describe("a folder of handlers", () => {
  test("loads all its sub-folders, and names handlers by file and export", async () => {
    await using made = makeFolder({
      "devices-update.ts": handlerOn("a"),
      "sub/deep/more.js": handlerOn("b"),
      "page.tsx": handlerOn("c"),
      "old.mjs": `${handlerOn("d")}export const other = on(topic("d2"), () => {});\n`,
    });
    const { content } = await made.open();
    expect(listHandlers(content)).toEqual([
      "devices-update a",
      "old d",
      "old#other d2",
      "page c",
      "sub/deep/more b",
    ]);
    expect(content.files).toEqual([
      { file: "devices-update.ts", handlers: ["devices-update"] },
      { file: "old.mjs", handlers: ["old", "old#other"] },
      { file: "page.tsx", handlers: ["page"] },
      { file: "sub/deep/more.js", handlers: ["sub/deep/more"] },
    ]);
    expect(content.failures).toEqual([]);
    const line = await made.waitForLine(/loaded/);
    expect(line).toEndWith(`INFO - loaded 5 handlers from 4 files of ${made.path}`);
  });

  test("leaves helpers, tests, declarations, hidden files and packages alone", async () => {
    const throwing = 'throw new Error("loaded");\n';
    const left = ["_helper.ts", "_lib/a.ts", ".hidden.ts", ".git/a.ts", "node_modules/p/a.ts"];
    const more = ["a.test.ts", "a.d.ts", "sub/node_modules/a.js", "notes.md", "data.json"];
    await using made = makeFolder({
      ...Object.fromEntries([...left, ...more].map((file) => [file, throwing])),
      "a.ts": handlerOn("a"),
    });
    const { content } = await made.open();
    expect(content.files).toEqual([{ file: "a.ts", handlers: ["a"] }]);
    expect(content.failures).toEqual([]);
  });

  test("lets files import each other, viaduto, and packages beside them", async () => {
    await using made = makeFolder({
      "node_modules/names/package.json": '{ "name": "names", "type": "module", "main": "x.js" }',
      "node_modules/names/x.js": 'export const plant = "plant-a";\n',
      "_lib/join.ts": 'export const join = (...parts: string[]): string => parts.join("/");\n',
      "topics.ts": `import { topic } from "viaduto"; import { plant } from "names";
        import { join } from "./_lib/join.ts"; export const update = topic(join(plant, "{id}"));`,
      "a.ts": `import { on } from "viaduto"; import { update } from "./topics.ts";
        export default on(update, () => {});`,
    });
    const { content } = await made.open();
    expect(content.failures).toEqual([]);
    expect(listHandlers(content)).toEqual(["a plant-a/{id}"]);
  });

  test("gives them the viaduto that runs, though another lies beside them", async () => {
    await using made = makeFolder({
      "node_modules/viaduto/package.json": '{ "name": "viaduto", "main": "x.js" }',
      "node_modules/viaduto/x.js": 'throw new Error("another");\n',
      "a.ts": `${handlerOn("a")}import { ViadutoError } from "viaduto";
        export const Kind = ViadutoError; throw new Kind("not_ready", { reason: "x" });`,
    });
    const [failure] = (await made.open()).content.failures;
    expect(failure?.error.cause).toBeInstanceOf(ViadutoError);
  });

  test("counts a handler once, at the file that is imported, and there by default", async () => {
    await using made = makeFolder({
      "a.ts": 'export { default as again, b } from "./b.ts"; export * from "./_c.ts";\n',
      "b.ts": `${handlerOn("b")}export const b = on(topic("b2"), () => {});
        export const all = [b];`,
      "_c.ts": `${handlerOn("c")}export const c = on(topic("c"), () => {});\n`,
      "d.ts": `import { on, topic } from "viaduto"; const d = on(topic("d"), () => {});
        export { d, d as default };`,
    });
    const { content } = await made.open();
    expect(listHandlers(content)).toEqual(["a#c c", "b b", "b#all-1 b2", "d d"]);
  });

  test("takes lists of handlers, and hooks from any export", async () => {
    await using made = makeFolder({
      "list.ts": `import { hooks, on, topic } from "viaduto";
        export default [on(topic("a"), () => {}), on(topic("b"), () => {})];
        export const around = hooks({ before() {} });`,
      "hooks.ts": `import { hooks } from "viaduto"; export { around } from "./list.ts";
        export default hooks({ after() {} });`,
    });
    const { content } = await made.open();
    expect(content.failures).toEqual([]);
    expect(listHandlers(content)).toEqual(["list#1 a", "list#2 b"]);
    expect(content.hooks.map((one) => Object.keys(one).sort())).toEqual([
      ["after", "kind"],
      ["before", "kind"],
    ]);
  });

  test("may be empty, and may hold files with topics and functions alone", async () => {
    await using empty = makeFolder();
    expect((await empty.open()).content).toEqual({
      handlers: [],
      topics: [],
      hooks: [],
      files: [],
      failures: [],
    });
    await using made = makeFolder({
      "topics.ts": 'import { topic } from "viaduto"; export const a = topic("a");',
    });
    const { content } = await made.open();
    expect(content.failures).toEqual([]);
    expect(content.topics?.map(({ name, file }) => [name, file])).toEqual([["a", "topics.ts"]]);
  });

  test.each(["nowhere", "file.ts"])("that is none is told: %s", async (name) => {
    await using made = makeFolder({ "file.ts": handlerOn("a") });
    const log = createLogger({
      ...{ name: "T", level: "info", format: "text", colour: false },
      writer: createLogLines().writer,
    });
    const opened = HandlerFolder.open({ folder: join(made.path, name), modules: {}, log });
    await expect(opened).rejects.toMatchObject({ code: "handlers_missing", exitCode: 2 });
  });
});
