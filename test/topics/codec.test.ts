import { describe, expect, test } from "bun:test";
import { ViadutoError } from "../../src/lib/errors.ts";
import { type Content, createCodec } from "../../src/topics/codec.ts";
import { t } from "../../src/topics/topic.ts";

const device = t.Object({
  device_id: t.String(),
  at: t.Optional(t.String({ format: "date-time" })),
  values: t.Optional(t.Array(t.Number())),
});

const decoder = (schema: Parameters<typeof createCodec>[1], content: Content = "json") => {
  const codec = createCodec("devices/update", schema, content);
  return (payload: string | Buffer) => codec.decode(Buffer.from(payload));
};
const encoder = (schema: Parameters<typeof createCodec>[1], content: Content = "json") => {
  const codec = createCodec("devices/update", schema, content);
  return (value: unknown) => codec.encode(value).toString();
};

/** The facts of the `payload_invalid` that this throws. */
function factsOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ViadutoError)) throw error;
    expect(error.code).toBe("payload_invalid");
    const { path, expected, found } = error.facts;
    const where = path === "" ? "" : `${path}: `;
    expect(error.message).toBe(
      `the payload does not fit 'devices/update': ${where}expected ${expected}, found ${found}`,
    );
    return [path, expected, found];
  }
  return expect.unreachable();
}

describe("a JSON payload", () => {
  test("that fits is its value", () => {
    const decode = decoder(device);
    expect(decode('{"device_id":"7","more":[1]}')).toEqual({ device_id: "7", more: [1] });
    expect(decode('\ufeff{"device_id":"ü"}')).toEqual({ device_id: "ü" });
    expect(decode('{"device_id":"7","at":"2025-11-30T10:12:33.5Z"}')).toBeDefined();
    expect(decode('{"device_id":"7","__proto__":{"polluted":1}}')).toBeDefined();
    expect(Reflect.has({}, "polluted")).toBe(false);
  });

  test.each([
    ["{", /^JSON \(.+\)$/, '"{"'],
    ["device_id=7", /^JSON \(.+\)$/, '"device_id=7"'],
    ["", /^JSON \(.+\)$/, "nothing"],
    ["NaN", /^JSON \(.+\)$/, '"NaN"'],
    [Buffer.from([0x22, 0xff, 0x22]), /^JSON \(.+\)$/, '"\\"\ufffd\\""'],
    ["x".repeat(100), /^JSON \(.+\)$/, `"${"x".repeat(59)}…`],
  ])("%j is none, and the error says so", (payload, expected, found) => {
    const facts = factsOf(() => decoder(device)(payload));
    expect(facts).toEqual(["", expect.stringMatching(expected), found]);
  });

  test.each([
    ["[]", ["", "object", "[]"]],
    ["null", ["", "object", "null"]],
    ["{}", ["/device_id", "required property", "nothing"]],
    ['{"device_id":7}', ["/device_id", "string", "7"]],
    ['{"device_id":"7","values":[1,"2"]}', ["/values/1", "number", '"2"']],
    ['{"device_id":"7","at":"today"}', ["/at", expect.stringContaining("date-time"), '"today"']],
    [
      '{"device_id":"7","at":"2025-13-01T00:00:00Z"}',
      ["/at", expect.anything(), expect.anything()],
    ],
  ])("%s does not fit, with path, expected and found", (payload, facts) => {
    expect(factsOf(() => decoder(device)(payload))).toEqual(facts);
  });

  test("that names a place with / and ~ has it as a JSON pointer", () => {
    const schema = t.Object({ "a/b": t.Object({ "c~d": t.String() }) });
    expect(factsOf(() => decoder(schema)('{"a/b":{"c~d":1}}'))[0]).toBe("/a~1b/c~0d");
  });
});

describe("a text payload", () => {
  test("is its text", () => {
    expect(decoder(t.String(), "text")("ü\n")).toBe("ü\n");
    expect(decoder(t.String(), "text")("")).toBe("");
    expect(decoder(t.Literal("on"), "text")("on")).toBe("on");
  });

  test("that is not UTF-8 or does not fit is refused", () => {
    const facts = factsOf(() => decoder(t.String(), "text")(Buffer.from([0xff, 0xfe])));
    expect(facts.slice(0, 2)).toEqual(["", "UTF-8 text"]);
    expect(factsOf(() => decoder(t.Literal("on"), "text")("off"))).toEqual(["", "'on'", '"off"']);
  });
});

describe("a payload of bytes", () => {
  test("is its bytes", () => {
    const payload = Buffer.from([0, 255, 0xc3]);
    expect(decoder(t.Uint8Array(), "bytes")(payload)).toEqual(payload);
    expect(decoder(t.Uint8Array(), "bytes")(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
  });

  test("that is too long is said by its length", () => {
    const schema = t.Uint8Array({ maxByteLength: 2 });
    const facts = factsOf(() => decoder(schema, "bytes")(Buffer.alloc(3)));
    expect(facts[2]).toBe("3 bytes");
  });
});

describe("a value", () => {
  test("that fits becomes its payload", () => {
    expect(encoder(device)({ device_id: "7", values: [1.5] })).toBe(
      '{"device_id":"7","values":[1.5]}',
    );
    expect(encoder(t.String(), "text")("ü")).toBe("ü");
    expect(encoder(t.Number())(7)).toBe("7");
    expect(encoder(t.Unknown())(null)).toBe("null");
  });

  test("of bytes goes as it is, also as part of a larger buffer", () => {
    const codec = createCodec("a", t.Uint8Array(), "bytes");
    const whole = Uint8Array.of(1, 2, 3, 4);
    expect(codec.encode(whole.subarray(1, 3))).toEqual(Buffer.from([2, 3]));
    expect(codec.encode(Buffer.from("x"))).toEqual(Buffer.from("x"));
  });

  test.each([
    [{ device_id: 7 }, ["/device_id", "string", "7"]],
    [{ device_id: "7", values: [Number.NaN] }, ["/values/0", "number", "null"]],
    [undefined, ["", "object", "nothing"]],
    [{ device_id: 7n }, ["/device_id", "string", "bigint"]],
    [{ device_id: () => {} }, ["/device_id", "string", "function"]],
  ])("that does not fit is refused before it is sent", (value, facts) => {
    expect(factsOf(() => encoder(device)(value))).toEqual(facts);
  });

  const circular: Record<string, unknown> = {};
  circular.self = circular;
  test.each([
    ["undefined", undefined],
    ["a function", () => {}],
    ["a bigint", { a: 1n }],
    ["itself", circular],
  ])("that JSON cannot say is refused: %s", (_name, value) => {
    const [path, expected] = factsOf(() => encoder(t.Unknown())(value));
    expect([path, expected]).toEqual(["", expect.stringMatching(/^JSON/)]);
  });

  test("is what it was when it comes back", () => {
    const codec = createCodec("a", device, "json");
    const value = { device_id: "\u0000 \u2028 ü 😀", values: [0, -1.5e300] };
    expect(codec.decode(codec.encode(value))).toEqual(value);
  });
});
