// Mosquitto's ACL file: what each line is, and what is none.

import { describe, expect, test } from "bun:test";
import { parseAclFile } from "../../src/access/acl-file.ts";
import { ViadutoError } from "../../src/lib/errors.ts";

const parse = (content: string | Uint8Array) => parseAclFile(Buffer.from(content), "acl");

function failureOf(content: string | Uint8Array): string {
  try {
    parse(content);
  } catch (error) {
    if (error instanceof ViadutoError) return `${error.exitCode} ${error.code} ${error.message}`;
    throw error;
  }
  return "none";
}

describe("an ACL file", () => {
  test("has users, topics, patterns, comments, blanks and either line end", () => {
    const rules = parse(
      "# all\r\ntopic read $SYS/#\r\n\r\nuser ana maria \r\n  topic  write   a b/c  \r\n" +
        "pattern deny %u/%c\r\ntopic x\nuser ida\nuser ana maria\ntopic readwrite deny",
    );
    expect(rules.anonymous).toEqual([{ access: "read", filter: "$SYS/#" }]);
    expect([...rules.users]).toEqual([
      [
        "ana maria",
        [
          { access: "write", filter: "a b/c" },
          { access: "readwrite", filter: "x" },
          { access: "readwrite", filter: "deny" },
        ],
      ],
      ["ida", []],
    ]);
    expect(rules.patterns).toEqual([{ access: "deny", filter: "%u/%c" }]);
  });

  test("takes a single word for the filter, even the name of an access", () => {
    expect(parse("topic deny").anonymous).toEqual([{ access: "readwrite", filter: "deny" }]);
  });

  test.each([
    ["topics a", "it begins with 'topics'"],
    ["  # a", "it begins with '#'"],
    ["topic", "it has no filter"],
    ["pattern  ", "it has no filter"],
    ["user", "'user' has no name"],
    ["user   ", "'user' has no name"],
    ["topic foo bar", "'foo' is none of read, write, readwrite, deny"],
    ["topic Read bar", "'Read' is none of read, write, readwrite, deny"],
    ["topic __proto__ bar", "'__proto__' is none of read, write, readwrite, deny"],
    ["topic read a#", "'a#' has + or # where it may not be"],
    ["topic read #/a", "'#/a' has + or # where it may not be"],
    ["topic read a/b+", "'a/b+' has + or # where it may not be"],
    ["topic read +a", "'+a' has + or # where it may not be"],
    ["topic a # a comment", "'a' is none of read, write, readwrite, deny"],
    ["pattern a/%c#", "'a/%c#' has + or # where it may not be"],
    ["topic read\ta", "its filter has a control character, such as a tab"],
    ["topic read a\0b", "it has a NUL character"],
    [`topic ${"x".repeat(65_536)}`, "its filter is over 65535 bytes"],
    [`topic ${"x/".repeat(100)}`, "its filter is over 100 levels"],
  ])("with a wrong line (%#) is refused with its place", (line, reason) => {
    expect(failureOf(`topic a\nuser ana\n${line}\ntopic b\n`)).toBe(
      `2 acl_line_invalid acl:3 is no line of an ACL file: ${reason}`,
    );
  });

  test("that is not UTF-8 is refused with its place", () => {
    const bytes = Buffer.concat([Buffer.from("topic ü\ntopic "), Buffer.from([0xe4, 0x0a])]);
    expect(failureOf(bytes)).toBe(
      "2 acl_line_invalid acl:2 is no line of an ACL file: it is not UTF-8",
    );
  });

  test("may be huge: 100,000 rules", () => {
    const lines = Array.from({ length: 50_000 }, (_, at) => `user u${at}\ntopic read t/${at}/#\n`);
    expect(parse(`${lines.join("")}pattern %c\n`).users.size).toBe(50_000);
  });
});
