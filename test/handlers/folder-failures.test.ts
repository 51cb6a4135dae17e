import { expect, test } from "bun:test";
import { handlerOn, listHandlers, makeFolder } from "./folder-maker.ts";

/** What stands in a.ts → place, reason, and a part of what to do. */
const FAULTS = [
  ["\nconst a = ;\n", [2, 11, "const a = ;"], "Unexpected ;", "correct the line"],
  ["const a = 1;\nlet b; let b;\nconst a = 2;\n", [2, 12], /already been declared/, "correct the"],
  [
    'import { x } from "./gone.ts";\nexport default x;\n',
    [1, 19],
    "Cannot find module './gone.ts'",
    "the path counts from the file",
  ],
  [
    'import x from "@no/such/part";\nexport default x;\n',
    [1, 15],
    "Cannot find package '@no/such'",
    "npm install @no/such,",
  ],
  [
    'import { on } from "viaduto";\nimport { onn } from "viaduto";\nexport const a = [on, onn];\n',
    [2, 10],
    "Export named 'onn' not found in module 'viaduto'",
    "correct the name",
  ],
  [
    "const a: { b?: { c: number } } = {};\n\tconsole.log(a.b.c);\nexport default 1;\n",
    [2, 16],
    /^TypeError: undefined is not an object/,
    "correct what throws",
  ],
  [
    'import { topic } from "viaduto";\nexport const a = topic("a/{b");\n',
    [2, 18],
    /^'a\/\{b' is no topic pattern/,
    "+ or {name} stand alone",
  ],
  ['throw "words";\n', undefined, "throws words", "correct what throws"],
  ["JSON.parse('{');\n", [1, 6], /^SyntaxError: JSON Parse error/, "correct what throws"],
  ["const a = 1;\n", undefined, "exports nothing, so it has no handler", "name it _a.ts"],
  ["export default async () => {};\n", undefined, /export a function, which/, "on(topic, …)"],
  [
    'import { topic } from "viaduto"; export default topic("a");\n',
    undefined,
    /export a topic, which is no handler/,
    "on(topic, …)",
  ],
  ["throw Object.create(null);\n", undefined, "throws something that has no words", "correct"],
  [
    'throw Object.assign(new Error("odd"), { stack: 1, name: 2 });\n',
    undefined,
    "2: odd",
    "correct what throws",
  ],
  ["export default [];\n", undefined, /an empty list/, "on(topic, …)"],
  ["export default [undefined];\n", undefined, /export undefined, which/, "on(topic, …)"],
  ["export default Promise.resolve();\n", undefined, /a promise \(is there an await/, "on("],
] as const;

test.each(FAULTS)("%j is told with its place and what to do", async (text, place, reason, hint) => {
  await using made = makeFolder({ "a.ts": text, "b.ts": handlerOn("b"), "node_modules/p.js": "" });
  const { content } = await made.open();
  expect(listHandlers(content)).toEqual(["b b"]);
  expect(content.files[0]).toEqual({ file: "a.ts", handlers: [] });
  const [failure] = content.failures;
  expect(content.failures.length).toBe(1);
  expect(failure).toMatchObject({
    handlerFile: "a.ts",
    file: "a.ts",
    reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
    isOldVersionKept: false,
  });
  expect([failure?.line, failure?.column]).toEqual([place?.[0], place?.[1]]);
  if (place?.[2]) expect(failure?.lineText).toBe(place[2]);
  expect(failure?.error).toMatchObject({
    code: "handler_unloadable",
    message: expect.stringContaining(place ? `a.ts:${place[0]}:${place[1]} ` : "a.ts "),
    hint: expect.stringContaining(hint),
  });
});

test("a fault in a helper fails all files that import it, each with the place", async () => {
  await using made = makeFolder({
    "_help.ts": 'export const a = 1;\nthrow new Error("no \\u001b[2Jluck");\n',
    "a.ts": handlerOn("a", 'import "./_help.ts";\n'),
    "b.ts": handlerOn("b", 'import "./a.ts";\n'),
    "c.ts": handlerOn("c"),
  });
  const { content } = await made.open();
  expect(listHandlers(content)).toEqual(["c c"]);
  expect(content.failures).toMatchObject([
    { handlerFile: "a.ts", file: "_help.ts", line: 2, column: 11 },
    { handlerFile: "b.ts", file: "_help.ts", line: 2, column: 11 },
  ]);
  const line = await made.waitForLine(/so a\.ts cannot be loaded/);
  expect(line).toContain("ERROR - _help.ts:2:11 Error: no \\u001b[2Jluck in `throw new Error(");
});

test("a name that is not exported is found in an import over several lines", async () => {
  await using made = makeFolder({
    "_b.ts": "export const one = 1;\n",
    "_a.ts": 'import {\n  one,\n  two,\n} from "./_b.ts";\nexport const a = [one, two];\n',
    "a.ts": handlerOn("a", 'import "./_a.ts";\nconst two = 2;\n'),
  });
  const [failure] = (await made.open()).content.failures;
  expect(failure).toMatchObject({ file: "_a.ts", line: 3, column: 3, lineText: "  two," });
});

test("a top level that never finishes is a failure, and holds no other file up", async () => {
  await using made = makeFolder({
    "a.ts": "await new Promise(() => {});\nexport const a = 1;\n",
    "b.ts": handlerOn("b"),
  });
  const { content } = await made.open({ loadTimeoutMs: 100 });
  expect(listHandlers(content)).toEqual(["b b"]);
  expect(content.failures).toMatchObject([
    { handlerFile: "a.ts", reason: "has not finished its top level within 100 ms" },
  ]);
});

test("of two files with one name the first ending is loaded, and the other told", async () => {
  await using made = makeFolder({ "a.js": handlerOn("js"), "a.ts": handlerOn("ts") });
  const { content } = await made.open();
  expect(listHandlers(content)).toEqual(["a ts"]);
  expect(content.failures).toMatchObject([
    { handlerFile: "a.js", reason: "has the same name as a.ts, and that one is loaded" },
  ]);
});
