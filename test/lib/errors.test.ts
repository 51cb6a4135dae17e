import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "../../src/lib/error-catalogue.ts";
import { type ErrorCode, toReason, toViadutoError, ViadutoError } from "../../src/lib/errors.ts";
import { scanSource } from "../kit/source-scanner.ts";

const codes = Object.keys(ERRORS) as ErrorCode[];
/** Stands in the words of `pattern_invalid` as what a pattern looks like. */
const EXAMPLE = "pattern_invalid {name}";
const factsOf = (code: ErrorCode) => {
  const text = `${ERRORS[code].message} ${ERRORS[code].hint}`;
  const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return [...new Set(names)].filter((name) => `${code} {${name}}` !== EXAMPLE);
};

const root = join(import.meta.dir, "../../src");
const sources = [...new Bun.Glob("**/*.ts").scanSync(root)]
  .filter((path) => path !== "lib/error-catalogue.ts")
  .map((path) => ({ path, ...scanSource(readFileSync(join(root, path), "utf8")) }));

/** Every `new ViadutoError(…)` of src with its code in quotes, and the text of its arguments. */
function findThrows(): { path: string; code: ErrorCode; args: string }[] {
  return sources.flatMap(({ path, code, uncommented }) => {
    return [...uncommented.matchAll(/new ViadutoError\(\s*"(\w+)"/g)].map((match) => {
      const start = code.indexOf("(", match.index);
      let [end, depth] = [start, 0];
      do {
        if ("([{".includes(code[end] ?? "")) depth += 1;
        if (")]}".includes(code[end] ?? "")) depth -= 1;
        end += 1;
      } while (depth > 0 && end < code.length);
      return { path, code: match[1] as ErrorCode, args: uncommented.slice(start, end) };
    });
  });
}

describe.each(codes)("%s", (code) => {
  const kind: { message: string; hint: string; httpStatus?: number; exitCode?: number } =
    ERRORS[code];

  test("says what happened and what to do, in one line each", () => {
    for (const text of [kind.message, kind.hint]) {
      expect(text.trim()).toBe(text);
      expect(text).toMatch(/^(.{10,}|\{\w+\})$/);
      expect(text).not.toMatch(/[.!]$/); // Who prints it puts it into a sentence.
    }
    expect(kind.httpStatus ?? 500).toBeWithin(400, 600);
    expect([1, 2, 3]).toContain(kind.exitCode ?? 1);
  });

  test("has its facts in its words", () => {
    const facts = Object.fromEntries(factsOf(code).map((name) => [name, `<${name}>`]));
    const error = new ViadutoError(code, facts);
    for (const name of factsOf(code)) {
      expect(`${error.message} ${error.hint}`).toContain(`<${name}>`);
    }
    expect(error).toMatchObject({ name: "ViadutoError", code, facts });
  });

  test("is thrown somewhere", () => {
    const quoted = new RegExp(`"${code}"`);
    expect(sources.filter(({ uncommented }) => quoted.test(uncommented))).not.toEqual([]);
  });
});

test("who throws an error gives it the facts that its words name", () => {
  const found = findThrows();
  expect(found.length).toBeGreaterThan(20);
  const offenders = found.flatMap(({ path, code, args }) => {
    // Facts that come in a variable are out of sight.
    const isInSight = /^\(\s*"\w+"\s*(,\s*\{|\)|,?\s*\)$)/.test(args) && !args.includes("...");
    if (!isInSight) return [];
    const missing = factsOf(code).filter((name) => !new RegExp(`\\b${name}\\b`).test(args));
    return missing.map((name) => `${path} throws ${code} without ${name}`);
  });
  expect(offenders).toEqual([]);
});

describe("an error", () => {
  test("has the numbers of the catalogue, or the usual ones", () => {
    const numbers = (code: ErrorCode) => {
      const { httpStatus, exitCode } = new ViadutoError(code);
      return [httpStatus, exitCode];
    };
    expect(numbers("outbox_full")).toEqual([503, 1]);
    expect(numbers("flag_unknown")).toEqual([500, 2]);
    expect(numbers("port_taken")).toEqual([500, 2]);
  });

  test("keeps its cause, and leaves a fact that is not given as it is named", () => {
    const cause = new Error("why");
    const error = new ViadutoError("broker_refused", {}, { cause });
    expect(error.cause).toBe(cause);
    expect(error.message).toBe("nothing listens at {broker}");
  });

  test("of any other kind becomes `internal`, one of the catalogue stays", () => {
    const known = new ViadutoError("not_ready", { reason: "x" });
    expect(toViadutoError(known)).toBe(known);
    const thrown = new RangeError("too far");
    const error = toViadutoError(thrown);
    expect([error.code, error.facts, error.cause]).toEqual([
      "internal",
      { reason: "too far" },
      thrown,
    ]);
  });

  test.each([
    [new Error("one\n\ttwo "), "one two"],
    [new Error(""), "Error"],
    [new TypeError(""), "TypeError"],
    ["text", "text"],
    [null, "null"],
    [{ a: 1 }, "[object Object]"],
    [Symbol("s"), "Symbol(s)"],
  ])("has its reason on one line", (thrown, reason) => {
    expect(toReason(thrown)).toBe(reason);
  });
});
