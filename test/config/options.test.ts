import { expect, test } from "bun:test";
import { parseOption } from "../../src/config/option-value.ts";
import { OPTIONS, type Option, toFlag } from "../../src/config/options.ts";
import { catchError, readFrom } from "./settings-reader.ts";

const NUMERIC = OPTIONS.filter(({ schema }) => schema.type === "integer");
const check = (option: Option, text: string) =>
  parseOption(option, { text, source: { kind: "flag", name: `--${option.flag}` } });

/** Options that belong together: none of them is good for anything alone. */
const TLS = { "tls-cert": "certificate.pem", "tls-key": "key.pem" };
/** Options that do not take any text. */
const EXAMPLES: Readonly<Record<string, string>> = {
  logFormat: "json",
  corsOrigins: "https://app.example",
};
const needsTls = (key: string) => /^(tls|wss)/.test(key);

test("no two options share a flag or an environment name", () => {
  const names = OPTIONS.flatMap(({ flag, environment }) => [flag, ...environment]);
  expect(new Set(names).size).toBe(names.length);
});

test("every option has a description, and every default fits its own schema", () => {
  for (const option of OPTIONS) {
    expect(option.schema.description.length).toBeGreaterThan(10);
    const value: unknown = option.schema.default;
    if (value !== undefined) expect(check(option, String(value))).toEqual(value);
  }
});

test("an environment name that the schema does not give is the flag in capitals", () => {
  const option = OPTIONS.find(({ key }) => key === "payloadBytesMax");
  expect(option?.environment).toEqual(["PAYLOAD_BYTES_MAX"]);
});

test("every option can be set by its flag, and by each of its variables", () => {
  for (const { key, flag, schema, environment } of OPTIONS) {
    if (key === "config") continue;
    const text = String(schema.default ?? EXAMPLES[key] ?? "x");
    const argv = [`--${flag}=${text}`];
    const files = { "viaduto.config.json": JSON.stringify(needsTls(key) ? TLS : {}) };
    expect(readFrom({ argv, files }).sources[key].kind).toBe("flag");
    for (const name of environment) {
      const { sources } = readFrom({ env: { [name]: text || "x" }, files });
      expect(sources[key]).toEqual({ kind: "environment", name });
    }
  }
});

test.each(NUMERIC)("--$flag takes its bounds and nothing beyond them", (option) => {
  const { minimum, maximum } = option.schema;
  expect(check(option, String(minimum))).toBe(minimum);
  expect(check(option, String(maximum))).toBe(maximum);
  const bad = [
    minimum - 1,
    maximum + 1,
    "",
    "abc",
    "1.5",
    "1e3",
    "0x10",
    "NaN",
    "1 2",
    "9".repeat(400),
  ];
  for (const text of bad.map(String)) {
    const error = catchError(() => check(option, text));
    expect(error.code).toBe("option_invalid");
    expect(error.message).toContain(`from ${minimum} to ${maximum}`);
  }
});

test("every limit has an upper bound", () => {
  for (const group of ["Limits", "Limits of the embedded broker"]) {
    const limits = NUMERIC.filter(({ schema }) => schema.group === group);
    expect(limits.length).toBeGreaterThan(10);
    for (const { schema } of limits) expect(schema.maximum).toBeGreaterThanOrEqual(schema.default);
  }
});

test("a key and its flag are one name", () => {
  expect(toFlag("mqttPort")).toBe("mqtt-port");
  expect(toFlag("mqtt-port")).toBe("mqtt-port");
  expect(toFlag("stopTimeoutMs")).toBe("stop-timeout");
  expect(toFlag("sysIntervalSeconds")).toBe("sys-interval");
  expect(toFlag("keepaliveSecondsMax")).toBe("keepalive-seconds-max");
});
