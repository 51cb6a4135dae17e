import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../../src/config/read.ts";
import { catchError, failFrom, readFrom } from "./settings-reader.ts";

const CONTENTS = {
  yaml: 'port: 9001\npayload-bytes-max: 5\nmqttPort: 0\ninsecure: true\norigin: "1"\n',
  toml: 'port = 9001\npayload-bytes-max = 5\nmqttPort = 0\ninsecure = true\norigin = "1"\n',
  json: '{"port":9001,"payload-bytes-max":5,"mqttPort":0,"insecure":true,"origin":"1"}',
};

test.each(Object.entries(CONTENTS))(
  "%s is read, in kebab-case and camelCase",
  (ending, content) => {
    const file = `viaduto.config.${ending}`;
    const { settings, sources } = readFrom({ files: { [file]: content } });
    const { port, payloadBytesMax, mqttPort, insecure, origin } = settings;
    expect([port, payloadBytesMax, mqttPort, insecure, origin]).toEqual([9001, 5, 0, true, "1"]);
    expect(settings.config).toBe(file);
    expect(sources.mqttPort).toEqual({ kind: "file", name: "mqttPort", file });
  },
);

test("--config names the file, and then no other is looked for", () => {
  const files = { "viaduto.config.yaml": "nonsense: 1", "my.yml": "port: 9002" };
  const { settings } = readFrom({ argv: ["--config", "my.yml"], files });
  expect(settings).toMatchObject({ port: 9002, config: "my.yml" });
});

test("the first of yaml, toml, json is read alone", () => {
  const files = { "viaduto.config.json": '{"port":3}', "viaduto.config.toml": "concurrency = 2" };
  expect(readFrom({ files }).settings).toMatchObject({ port: 8080, concurrency: 2 });
});

test("an empty file says nothing", () => {
  expect(readFrom({ files: { "viaduto.config.yaml": "# later\n" } }).settings.port).toBe(8080);
});

test("a key without a value is not set", () => {
  const { sources } = readFrom({ files: { "viaduto.config.yaml": "username:\n" } });
  expect(sources.username.kind).toBe("default");
});

test("a broker list may be a list", () => {
  const { settings } = readFrom({ files: { "viaduto.config.yaml": "broker: [a, 'mqtts://b']\n" } });
  expect(settings.brokers.map((broker) => broker.label)).toEqual([
    "mqtt://a:1883",
    "mqtts://b:8883",
  ]);
});

test("a timeout may be named with or without its unit", () => {
  for (const key of ["stop-timeout", "stopTimeout", "stopTimeoutMs"]) {
    const files = { "viaduto.config.json": JSON.stringify({ [key]: 7 }) };
    expect(readFrom({ files }).settings.stopTimeoutMs).toBe(7);
  }
});

test("an unknown key is refused with the nearest one", () => {
  const error = failFrom({ files: { "viaduto.config.yaml": "mqtt-prot: 1\n" } });
  expect(error.code).toBe("file_key_unknown");
  expect(error.exitCode).toBe(2);
  expect(error.message).toBe("viaduto.config.yaml has an unknown key 'mqtt-prot'");
  expect(error.hint).toBe("did you mean 'mqtt-port'? All keys: viaduto config");
});

test("keys that no option has are refused, whatever they are called", () => {
  expect(failFrom({ files: { "viaduto.config.json": '{"config":"x"}' } }).code).toBe(
    "file_key_unknown",
  );
  expect(failFrom({ files: { "viaduto.config.json": '{"__proto__":1}' } }).code).toBe(
    "file_key_unknown",
  );
});

test("a value out of range names the file and the key", () => {
  const error = failFrom({ files: { "viaduto.config.toml": "port = 70000" } });
  expect(error.message).toBe(
    "port is '70000' (from viaduto.config.toml), but must be a whole number from 0 to 65535",
  );
});

test("a number is no text: YAML would turn the password 0123 into 123", () => {
  const error = failFrom({ files: { "viaduto.config.yaml": "password: 0123\n" } });
  expect(error.message).toBe(
    "password is '***' (from viaduto.config.yaml), but must be text, in quotes",
  );
});

test.each([
  ["port: [1]", "port is '[1]'"],
  ["port: 1.5", "port is '1.5'"],
  ["insecure: {a: 1}", "insecure is '{\"a\":1}'"],
  ["broker: [1]", "broker is '[1]'"],
])("%s is refused", (content, start) => {
  const error = failFrom({ files: { "viaduto.config.yaml": content } });
  expect(error.code).toBe("option_invalid");
  expect(error.message).toStartWith(start);
});

test.each([
  ["missing.yaml", "", "ENOENT"],
  ["my.ini", "port=1", "its name must end in .yaml, .yml, .toml, .json"],
  ["my.json", "{", "JSON"],
  ["my.yaml", "a: [\n- b: {", "YAML"],
  ["my.toml", "a = [", "TOML"],
  ["my.json", "[1]", "it must be names of options with their values"],
])("%s that holds '%s' cannot be read: %s", (file, content, reason) => {
  const files: Record<string, string> = file === "missing.yaml" ? {} : { [file]: content };
  const error = failFrom({ argv: ["--config", file], files });
  expect(error.code).toBe("file_unreadable");
  expect(error.exitCode).toBe(2);
  expect(error.message).toStartWith(`${file} cannot be read: `);
  expect(error.message).toContain(reason);
});

test("a file that is there but cannot be read is not passed over", () => {
  const cwd = mkdtempSync(join(tmpdir(), "viaduto-config-"));
  mkdirSync(join(cwd, "viaduto.config.yaml"));
  const error = catchError(() => readSettings({ argv: [], env: {}, cwd, isTerminal: false }));
  rmSync(cwd, { recursive: true });
  expect(error.message).toStartWith("viaduto.config.yaml cannot be read: EISDIR");
});
