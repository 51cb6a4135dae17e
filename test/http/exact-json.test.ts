// Numbers that are too long for JavaScript go through as they were written.

import { expect, test } from "bun:test";
import { parseExactJson } from "../../src/http/exact-json.ts";

test.each([
  "1700000000123456789",
  "-9007199254740993",
  "0.12345678901234567890",
  '{"a":[1700000000123456789,{"b":12345678901234567890}],"c":"1700000000123456789"}',
  "1e300",
  `[${"1".repeat(300)}]`,
])("%s stays so", (text) => {
  expect(JSON.stringify(parseExactJson(text))).toBe(text);
});

test("all other values are as ever", () => {
  const text = '{"a":1,"b":1.50,"c":1234567890123456,"d":null,"__proto__":{"x":"1"},"e":[true,-0]}';
  expect(JSON.stringify(parseExactJson(text))).toBe(JSON.stringify(JSON.parse(text)));
  expect(parseExactJson('{"n":1234567890123456}')).toEqual({ n: 1234567890123456 });
  expect(() => parseExactJson('{"a":1700000000123456789')).toThrow(SyntaxError);
});

test.each(["1e400", "-1E+400", '{"a":[1e309]}', "9".repeat(310)])("%s is refused", (text) => {
  expect(() => parseExactJson(text)).toThrow("is more than a number can be");
});

test("what is nested too deeply is left to the limit of depth", () => {
  const depth = 200_000;
  const text = `${"[".repeat(depth)}1700000000123456789${"]".repeat(depth)}`;
  expect(Array.isArray(parseExactJson(text))).toBe(true);
});
