// The file of tokens: what its lines mean, and where a wrong one is wrong.

import { describe, expect, test } from "bun:test";
import { digestToken, parseTokenFile } from "../../src/access/token-file.ts";
import { catchError } from "../config/settings-reader.ts";

const parse = (text: string) => parseTokenFile(Buffer.from(text), "tokens");

test("gives each token its name, its digest and its rights, in the order of the file", () => {
  const digest = digestToken("hidden");
  const text = `# of the house\ntoken ana s3cret\r\n  read a/#\n\tpublish\nadmin\n
token bo.2 sha256:${digest.toUpperCase()}\nread with blank/+\ndeny a/b\ntoken nobody x==\n`;
  expect(parse(text)).toEqual([
    {
      name: "ana",
      secret: "s3cret",
      digest: digestToken("s3cret"),
      rights: {
        grants: [{ scope: "read", filter: "a/#" }, { scope: "publish" }, { scope: "admin" }],
        denials: [],
      },
    },
    {
      name: "bo.2",
      digest,
      rights: { grants: [{ scope: "read", filter: "with blank/+" }], denials: ["a/b"] },
    },
    { name: "nobody", secret: "x==", digest: digestToken("x=="), rights: EMPTY },
  ]);
  expect(parse("")).toEqual([]);
});

const EMPTY = { grants: [], denials: [] };

describe("a wrong line is told with its place, and never with a token", () => {
  test.each([
    ["read a", "no 'token' line above"],
    ["token", "its name must be"],
    ["token an/a s3cret", "its name must be"],
    ["token ana", "its token must be"],
    ["token ana s3crét", "its token must be"],
    ["token ana sha256:12", "64 hexadecimal digits"],
    ["token ana s3cret read", "something stands behind"],
    ["token ana a\ntoken ana b", "there is a token 'ana' above"],
    ["token ana s3cret\ntoken bo s3cret", "its token is that of 'ana'"],
    [`token ana s3cret\ntoken bo sha256:${digestToken("s3cret")}`, "its token is that of 'ana'"],
    ["token ana s3cret\nread a#", "its filter is none"],
    ["token ana s3cret\nread a/{id}", "write + or #"],
    ["token ana s3cret\ndeny", "'deny' has no filter"],
    ["token ana s3cret\nadmin a", "'admin' has no filter"],
    ["token ana s3cret\nwrite a", "it begins with 'write'"],
  ])("%j", (text, reason) => {
    const error = catchError(() => parse(text));
    expect(error.code).toBe("token_line_invalid");
    expect(error.message).toContain(reason);
    expect(error.message).toStartWith(`tokens:${text.split("\n").length} `);
    expect(error.message).not.toContain("s3c");
  });

  test("more than 1,000 tokens", () => {
    const lines = Array.from({ length: 1_001 }, (_, at) => `token t${at} x${at}`);
    expect(parse(lines.slice(0, 1_000).join("\n"))).toHaveLength(1_000);
    expect(catchError(() => parse(lines.join("\n"))).message).toContain("tokens:1001 ");
  });
});
