import { describe, expect, test } from "bun:test";
import { findFunctions } from "./source-functions.ts";
import { findImports, scanSource } from "./source-scanner.ts";

// § stands for the dollar sign, so that texts about templates do not look like mistaken ones.
const code = (text: string) => scanSource(text.replaceAll("§", "$")).code.replaceAll("$", "§");
const functions = (text: string) =>
  findFunctions(scanSource(text)).map(({ line, lineCount }) => [line, lineCount]);

describe("what is code", () => {
  test("comments are blank, and what looks like one inside a string is not a comment", () => {
    expect(code("a; // b {\nc;")).toBe("a;       \nc;");
    expect(code("a /* b\n { */ c")).toBe("a     \n      c");
    expect(scanSource('x = "a // b"; // c').uncommented).toBe('x = "a // b";     ');
  });

  test("the inside of strings is blank, with escaped quotes", () => {
    expect(code(`f("a\\"{", 'b}')`)).toBe(`f("    ", '  ')`);
  });

  test("templates are blank but for their expressions, however deep", () => {
    expect(code("`a§{b}c`;d")).toBe("` §{b} `;d");
    expect(code("`{§{{ a: `}§{x}` }.a}{`;d")).toBe("` §{{ a: ` §{x}` }.a} `;d");
    expect(code("`\\`§x§{1}`")).toBe("`    §{1}`");
  });

  test("a slash divides after a value and begins a regular expression elsewhere", () => {
    expect(code("a / b; // {")).toBe("a / b;     ");
    expect(code("x = /[/{]\\/}/g; y")).toBe("x = /        g; y");
    expect(code("return /{/.test(a) / 2;")).toBe("return / /.test(a) / 2;");
    expect(code("f(a) / g(b) / 2")).toBe("f(a) / g(b) / 2");
    expect(code("`§{/}/}`")).toBe("`§{/ /}`");
  });
});

test("imports are found in every form, with types, and calls of the same name are not", () => {
  const text = `
import a from "one";
import type { B } from 'two';
import "three";
export * from "four";
import {
  c,
} from "five";
const d = await import("six"), e = require("seven");
Buffer.from("no"); // import "no"
const text = 'import "no"';
`;
  const found = findImports(scanSource(text));
  expect(found.map(({ from }) => from)).toEqual("one two three four five six seven".split(" "));
  expect(found[4]?.line).toBe(8);
});

describe("where functions are", () => {
  test("declarations, methods, accessors and arrow functions have bodies", () => {
    expect(functions("function a(b: string) {\n}")).toEqual([[1, 2]]);
    expect(functions("class A {\n  get b() {\n    return 1;\n  }\n}")).toEqual([[2, 3]]);
    expect(functions("const a = async (b) => {\n\n};")).toEqual([[1, 3]]);
    expect(functions("const a = (b) =>\n  b.map((c) => c)\n    .flat();")).toEqual([
      [1, 3],
      [2, 1],
    ]);
  });

  test("types of results are skipped, whatever braces and arrows they have", () => {
    expect(functions("function a(): { b: 1 } | { c: 2 } {\n}")).toEqual([[1, 2]]);
    expect(functions("function a(): Promise<{ b: 1 }> {\n}")).toEqual([[1, 2]]);
    expect(functions("function a(b: unknown): b is { c: 1 } {\n}")).toEqual([[1, 2]]);
    expect(functions("const a = (b): Map<string, () => void> => {\n};")).toContainEqual([1, 2]);
    expect(functions("function a(): () => void {\n}")).toContainEqual([1, 2]);
  });

  test("conditions, loops, calls and declarations without a body are none", () => {
    expect(functions("if (a) {\n}\nfor await (const b of c) {\n}\nwhile (d) {\n}")).toEqual([]);
    expect(functions("try {\n} catch (e) {\n}\nf(a);\nconst b = c ? (d) : { e };")).toEqual([]);
    expect(functions("declare function a(b: string): void;\nfunction c(): 1;")).toEqual([]);
  });
});
