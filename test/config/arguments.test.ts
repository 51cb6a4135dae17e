import { expect, test } from "bun:test";
import { checkPositionals, type Flag, parseArguments } from "../../src/config/arguments.ts";
import { catchError } from "./settings-reader.ts";

const FLAGS: readonly Flag[] = [
  { name: "message", letter: "m", takesValue: true },
  { name: "topic", letter: "t", takesValue: true, multiple: true },
  { name: "retain", letter: "r", takesValue: false },
  { name: "host", letter: "h", takesValue: true },
];

function parse(...argv: string[]) {
  const { values, positionals } = parseArguments(argv, FLAGS, "pub");
  return { values: Object.fromEntries(values), positionals: [...positionals] };
}

test("a value stands behind its flag, behind =, or behind its letter", () => {
  expect(parse("--message", "a").values).toEqual({ message: ["a"] });
  expect(parse("--message=a=b").values).toEqual({ message: ["a=b"] });
  expect(parse("-m", "a").values).toEqual({ message: ["a"] });
});

test("a value may begin with a dash", () => {
  expect(parse("-m", "-5").values).toEqual({ message: ["-5"] });
  expect(parse("--message", "--retain").values).toEqual({ message: ["--retain"] });
});

test("a value may be empty", () => {
  expect(parse("--message", "").values).toEqual({ message: [""] });
  expect(parse("--message=").values).toEqual({ message: [""] });
});

test("a flag without a value is true, and = gives it another", () => {
  expect(parse("-r").values).toEqual({ retain: ["true"] });
  expect(parse("--retain=false").values).toEqual({ retain: ["false"] });
});

test("the last value wins, unless the flag keeps every one in order", () => {
  expect(parse("-m", "a", "-m", "b").values).toEqual({ message: ["b"] });
  expect(parse("-t", "a", "-r", "-t", "b").values).toEqual({ topic: ["a", "b"], retain: ["true"] });
});

test("what is no flag is positional, and -- ends the flags", () => {
  expect(parse("a", "-r", "b", "--", "-m", "-x").positionals).toEqual(["a", "b", "-m", "-x"]);
});

test("an unknown flag is refused with the nearest one", () => {
  const error = catchError(() => parse("--mesage", "a"));
  expect(error.code).toBe("flag_unknown");
  expect(error.exitCode).toBe(2);
  expect(error.message).toBe("there is no flag '--mesage'");
  expect(error.hint).toBe("did you mean '--message'? All flags: viaduto pub --help");
});

test("an unknown letter is taken for the beginning of a name", () => {
  const flags = ["ca", "key", "host"].map((name) => ({ name, takesValue: true }));
  const error = catchError(() => parseArguments(["-h", "x"], flags, "serve"));
  expect(error.message).toBe("there is no flag '-h'");
  expect(error.hint).toContain("'--host'");
});

test("a command without flags still knows --help", () => {
  expect(catchError(() => parseArguments(["--x"], [], "version")).hint).toContain("'--help'");
});

test("a flag at the end without its value is refused", () => {
  const error = catchError(() => parse("-r", "--host"));
  expect(error.code).toBe("argument_missing");
  expect(error.exitCode).toBe(2);
  expect(error.message).toBe("the value of --host is missing");
  expect(error.hint).toBe("for example: viaduto pub --host VALUE");
});

test("names of Object.prototype are flags like any other: unknown", () => {
  for (const flag of ["--__proto__", "--constructor=1", "--toString"]) {
    expect(catchError(() => parse(flag)).code).toBe("flag_unknown");
  }
});

test("a positional too many is refused", () => {
  expect(() => checkPositionals(["a"], 1, "help")).not.toThrow();
  const error = catchError(() => checkPositionals(["a", "b"], 1, "help"));
  expect(error.message).toBe("'b' was not expected here");
  expect(error.exitCode).toBe(2);
});
