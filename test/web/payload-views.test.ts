// What the pane makes of a payload: JSON as it was written, bytes, images, changes, numbers over
// time, and which messages are held.

import { describe, expect, test } from "bun:test";
import { createSeriesReader } from "../../src/web/chart/number-series.ts";
import {
  HELD_MESSAGES_MAX,
  type HeldMessage,
  mergeMessages,
} from "../../src/web/message/held-messages.ts";
import { toHexLines } from "../../src/web/message/hex-lines.ts";
import {
  findMember,
  type JsonNode,
  readJson,
  toJsonLines,
} from "../../src/web/message/json-reading.ts";
import { foldAll, toJsonRows } from "../../src/web/message/json-rows.ts";
import { diffLines } from "../../src/web/message/line-diff.ts";
import { chooseView, readPayload, toEncoded } from "../../src/web/message/payload-kind.ts";

describe("JSON is read as it was written", () => {
  test("with its digits, its order, and names that stand twice", () => {
    const text = '{"2":12345678901234567890,"1":1.50,"a":{"__proto__":[]},"1":-0e+1}';
    expect(toJsonLines(read(text))).toEqual([
      "{",
      '  "2": 12345678901234567890',
      '  "1": 1.50',
      '  "a": {',
      '    "__proto__": []',
      "  }",
      '  "1": -0e+1',
      "}",
    ]);
  });

  test("with escapes, brackets in texts, and empty names", () => {
    const text = '["\\"]}{[\\u0041\\\\", "", {"":{"":null}}]';
    const root = read(text);
    expect(toJsonLines(root).join("")).toBe(
      '[  "\\"]}{[A\\\\"  ""  {    "": {      "": null    }  }]',
    );
    expect(findMember(root, "/2//")).toEqual({ kind: "word", source: "null" });
  });

  test.each([
    "",
    "{",
    "[1,]",
    "{a:1}",
    "01",
    "nul",
    "\u0000",
    `${"[".repeat(300)}${"]".repeat(300)}`,
  ])("but %j is some other text", (text) => {
    expect(readJson(text)).toBeUndefined();
  });

  test("an address finds names with its own signs; the last of two counts", () => {
    const root = read('{"a/b":{"~":[1,2]},"x":1,"x":2}');
    expect(findMember(root, "/a~1b/~0/1")).toEqual({ kind: "number", source: "2" });
    expect(findMember(root, "/x")).toEqual({ kind: "number", source: "2" });
    expect(findMember(root, "/x/y")).toBeUndefined();
  });
});

describe("the tree of JSON", () => {
  test("shows what is open, and no more rows than asked for", () => {
    const root = read('{"a":{"b":1},"c":[2,3]}');
    const pointers = (folds: Parameters<typeof toJsonRows>[1], max = 99) =>
      toJsonRows(root, folds, max).map(({ pointer }) => pointer);
    expect(pointers(new Map())).toEqual(["", "/a", "/a/b", "/c", "/c/0", "/c/1"]);
    expect(pointers(new Map([["/a", false]]))).toEqual(["", "/a", "/c", "/c/0", "/c/1"]);
    expect(pointers(foldAll(root, false))).toEqual(["", "/a", "/c"]);
    expect(pointers(new Map(), 2)).toHaveLength(3);
  });

  test("is closed at its second level when it is large", () => {
    const many = JSON.stringify({ list: Array.from({ length: 1_000 }, (_, at) => at) });
    expect(toJsonRows(read(many), new Map(), 400)).toHaveLength(2);
  });
});

describe("a payload", () => {
  test.each([
    ["json", '{"a":1}'],
    ["json", "21.5"],
    ["text", "hello"],
    ["text", ""],
    ["image", '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ["image", "GIF89a…"],
  ])("is shown as %s: %s", (view, payload) => {
    expect(chooseView(readPayload({ payload, payload_encoding: "plain" }))).toBe(view as "json");
  });

  test("of bytes is hex, or the image that it is", () => {
    const bytes = Uint8Array.from([0, 255, 65]);
    const encoded = toEncoded(bytes);
    expect(encoded).toEqual({ payload: "AP9B", payload_encoding: "base64" });
    expect(readPayload(encoded).bytes).toEqual(bytes);
    expect(chooseView(readPayload(encoded))).toBe("hex");
    const png = toEncoded(Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0]));
    expect(readPayload(png).image).toBe("image/png");
  });

  test("in hex has offsets, and signs for what is no character", () => {
    const bytes = new TextEncoder().encode("viaduto\n0123456789");
    expect(toHexLines(bytes, 9)).toEqual([
      {
        offset: "00000000",
        hex: "76 69 61 64 75 74 6f 0a  30 31 32 33 34 35 36 37",
        ascii: "viaduto·01234567",
      },
      { offset: "00000010", hex: "38 39", ascii: "89" },
    ]);
    expect(toHexLines(bytes, 1)).toHaveLength(1);
  });
});

describe("changes", () => {
  test.each([
    ["", "", " "],
    ["a b c", "a b c", " a, b, c"],
    ["a b c", "a x c", " a,-b,+x, c"],
    ["a", "a b", " a,+b"],
    ["a b", "b", "-a, b"],
    ["a b c d", "b d e", "-a, b,-c, d,+e"],
    ["x x", "x", " x,-x"],
  ])("from %j to %j", (before, after, expected) => {
    const signs = { same: " ", added: "+", removed: "-" };
    const lines = diffLines(before.split(" "), after.split(" "));
    expect(lines.map(({ kind, text }) => signs[kind] + text).join()).toBe(expected);
  });

  test("of very long texts are whole, not a table that fills the memory", () => {
    const before = Array.from({ length: 3_000 }, (_, at) => `a${at}`);
    const after = Array.from({ length: 3_000 }, (_, at) => `b${at}`);
    const lines = diffLines(before, after);
    expect(lines.map(({ text }) => text)).toEqual([...before, ...after]);
  });
});

test("numbers over time skip what has none, and what no chart can show", () => {
  const read = createSeriesReader();
  const payloads = ['{"a":1}', "no JSON", '{"a":"2"}', '{"a":3,"b":4}', '{"a":1e999}', "{}"];
  const messages = payloads.map((payload, at) => toMessage((at + 1) * 1_000_000, payload));
  const expected = {
    times: [1, 4],
    columns: [
      [1, 3],
      [null, 4],
    ],
  };
  expect(read(messages, ["/a", "/b"])).toEqual(expected);
  expect(read(messages, ["/b"])).toEqual({ times: [4], columns: [[4]] });
});

describe("held messages", () => {
  test("are in order, each once, the whole one in place of the cut one", () => {
    const cut = { ...toMessage(2, "ab"), isPreview: true } as const;
    const whole = toMessage(2, "abc");
    const first = mergeMessages([cut], [toMessage(3, "x"), toMessage(1, "y")]);
    expect(first.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(mergeMessages(first, [whole])[1]).toBe(whole);
    expect(mergeMessages([whole], [cut])).toEqual([whole]);
  });

  test("are bounded: the oldest go, the newest stays however large", () => {
    const many = Array.from({ length: HELD_MESSAGES_MAX + 5 }, (_, at) => toMessage(at, ""));
    const held = mergeMessages(many, []);
    expect([held.length, held[0]?.id]).toEqual([HELD_MESSAGES_MAX, 5]);
    const large = "x".repeat(20_000_000);
    expect(mergeMessages([toMessage(1, "a")], [toMessage(2, large)]).map(({ id }) => id)).toEqual([
      2,
    ]);
  });
});

function read(text: string): JsonNode {
  const root = readJson(text);
  if (!root) throw new Error(`no JSON: ${text}`);
  return root;
}

function toMessage(id: number, payload: string): HeldMessage {
  const head = { id, at: "", topic: "a", payload, qos: 0, retain: false };
  return { ...head, payload_encoding: "plain", payload_bytes: payload.length };
}
