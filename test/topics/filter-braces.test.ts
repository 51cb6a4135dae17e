// Topics with braces in them: a pattern's mistake, and a topic like any other for whoever looks.

import { expect, test } from "bun:test";
import { ViadutoError } from "../../src/lib/errors.ts";
import { matchPattern, parseFilter, parsePattern } from "../../src/topics/pattern.ts";

test("a filter finds topics that have braces in them; a pattern with such a level is wrong", () => {
  for (const topic of ["a/{{x}}", "a/{b", "a/<style>{}"]) {
    expect(parseFilter(topic).filter).toBe(topic);
    expect(matchPattern(parseFilter(topic), topic)).toEqual({});
    expect(() => parsePattern(topic)).toThrow(ViadutoError);
  }
  expect(parseFilter("a/{name}").filter).toBe("a/+");
});
