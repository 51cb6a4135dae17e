import { expect, expectTypeOf, test } from "bun:test";
import { OPTIONS } from "../../src/config/options.ts";
import type { Settings } from "../../src/config/read.ts";
import { failFrom, readFrom } from "./settings-reader.ts";

const FILE = { "viaduto.config.yaml": "port: 3" };

test("without anything, the defaults hold", () => {
  const { settings, sources } = readFrom();
  expect(settings).toMatchObject({
    brokers: [],
    origin: "",
    mqttVersion: 5,
    host: "127.0.0.1",
    port: 8080,
    mqttPort: 1883,
    wsPort: 8083,
    allowAnonymous: false,
    data: "./viaduto-data",
    will: "on",
    watch: false,
    logLevel: "info",
    payloadBytesMax: 1_048_576,
    publishTimeoutMs: 10_000,
  });
  expect(settings).not.toHaveProperty("username");
  expect(new Set(Object.values(sources).map(({ kind }) => kind))).toEqual(new Set(["default"]));
  expect(Object.keys(sources).length).toBe(OPTIONS.length);
});

test("a flag goes before the environment, the environment before the file", () => {
  const env = { HTTP_PORT: "2" };
  const flag = readFrom({ argv: ["--port", "1"], env, files: FILE });
  expect(flag.settings.port).toBe(1);
  expect(flag.sources.port).toEqual({ kind: "flag", name: "--port" });
  const variable = readFrom({ env, files: FILE });
  expect(variable.settings.port).toBe(2);
  expect(variable.sources.port).toEqual({ kind: "environment", name: "HTTP_PORT" });
  const file = readFrom({ files: FILE });
  expect(file.settings.port).toBe(3);
});

test("of an option's environment names the first that is not empty wins", () => {
  expect(readFrom({ env: { HTTP_PORT: "1", PORT: "2" } }).settings.port).toBe(1);
  const { settings, sources } = readFrom({ env: { HTTP_PORT: "", PORT: "2" } });
  expect(settings.port).toBe(2);
  expect(sources.port).toEqual({ kind: "environment", name: "PORT" });
  expect(readFrom({ env: { HOST: "::1" } }).settings.host).toBe("::1");
});

test("the log is text on a terminal, else JSON, unless someone says which", () => {
  expect(readFrom({ isTerminal: true }).settings.logFormat).toBe("text");
  expect(readFrom({ isTerminal: false }).settings.logFormat).toBe("json");
  const env = { LOG_FORMAT: "TEXT" };
  expect(readFrom({ isTerminal: false, env }).settings.logFormat).toBe("text");
});

test("an origin loses its outer slashes, and a flag can empty it", () => {
  expect(readFrom({ env: { MQTT_ORIGIN: "//a/b/" } }).settings.origin).toBe("a/b");
  expect(readFrom({ env: { MQTT_ORIGIN: "a" }, argv: ["--origin="] }).settings.origin).toBe("");
  for (const origin of ["a/+", "#", "a\0b"]) {
    expect(failFrom({ argv: ["--origin", origin] }).code).toBe("option_invalid");
  }
});

test.each([
  ["5", 5],
  ["4", 4],
  ["3", 3],
  ["mqttv5", 5],
  ["3.1.1", 4],
  ["311", 4],
  ["mqttv311", 4],
  ["3.1", 3],
  ["31", 3],
  ["MQTTv31", 3],
])("MQTT version %s is %d", (text, version) => {
  expect(Number(readFrom({ argv: ["--mqtt-version", text] }).settings.mqttVersion)).toBe(version);
});

test("a boolean understands the usual words", () => {
  const read = (env: string) => readFrom({ env: { MQTT_INSECURE: env } }).settings.insecure;
  for (const word of ["true", "1", "yes", "on", "TRUE"]) expect(read(word)).toBe(true);
  for (const word of ["false", "0", "no", "off"]) expect(read(word)).toBe(false);
  expect(readFrom({ argv: ["--insecure"] }).settings.insecure).toBe(true);
  const env = { MQTT_INSECURE: "true" };
  expect(readFrom({ argv: ["--insecure=false"], env }).settings.insecure).toBe(false);
});

test("the WebSocket port can be off", () => {
  expect(readFrom({ env: { BROKER_WS_PORT: "off" } }).settings.wsPort).toBe("off");
  expect(readFrom({ argv: ["--ws-port", "0"] }).settings.wsPort).toBe(0);
});

test("the client id is stable, differs by origin, and fits MQTT 3.1", () => {
  const read = (origin: string) => readFrom({ argv: ["--origin", origin] }).settings.clientId;
  expect(read("a")).toBe(read("/a/"));
  expect(read("a")).not.toBe(read("b"));
  expect(read("a")).toMatch(/^viaduto-[0-9a-f]{12}$/);
  expect(readFrom({ env: { MQTT_CLIENT_ID: "mine" } }).settings.clientId).toBe("mine");
});

test("X_FILE reads a secret without its last newline", () => {
  const env = { MQTT_PASSWORD_FILE: "secret" };
  const { settings, sources } = readFrom({ env, files: { secret: "pass\n\n" } });
  expect(settings.password).toBe("pass\n");
  expect(sources.password).toEqual({ kind: "environment", name: "MQTT_PASSWORD_FILE" });
  const both = { ...env, MQTT_PASSWORD: "plain" };
  expect(readFrom({ env: both, files: { secret: "pass" } }).settings.password).toBe("plain");
  const windows = { MQTT_TOKEN_FILE: "secret" };
  expect(readFrom({ env: windows, files: { secret: "token\r\n" } }).settings.token).toBe("token");
});

test("X_FILE that cannot be read is an error, and only secrets have one", () => {
  const error = failFrom({ env: { MQTT_TOKEN_FILE: "missing" } });
  expect(error.code).toBe("file_unreadable");
  expect(error.message).toContain("missing cannot be read: ENOENT");
  expect(readFrom({ env: { MQTT_ORIGIN_FILE: "missing" } }).settings.origin).toBe("");
});

test("an unknown flag is refused with the nearest one", () => {
  const error = failFrom({ argv: ["--mqtt-prot", "1"] });
  expect(error.message).toBe("there is no flag '--mqtt-prot'");
  expect(error.hint).toBe("did you mean '--mqtt-port'? All flags: viaduto serve --help");
  expect(error.exitCode).toBe(2);
});

test("--mqtt-port beside --broker is refused: it would be nobody's port", () => {
  const { code, exitCode, facts } = failFrom({ argv: ["--broker", "a", "--mqtt-port", "1884"] });
  expect([code, exitCode]).toEqual(["flags_conflict", 2]);
  expect(facts).toEqual({ one: "--broker", other: "--mqtt-port", command: "serve" });
});

test.each([
  ["--client-id", "a\nb"],
  ["--client-id", "\u0085"],
  ["--origin", "a\u007f"],
  ["--origin", "a/\u0000"],
])("%s with a control character is refused: %j", (flag, text) => {
  const { code, exitCode, message } = failFrom({ argv: [flag, text] });
  expect([code, exitCode]).toEqual(["option_invalid", 2]);
  expect(message).toContain("control characters");
});

test("a word that no flag takes is refused", () => {
  expect(failFrom({ argv: ["--insecure", "false"] }).code).toBe("argument_unexpected");
});

test("a bad value names the flag or variable that it came by", () => {
  expect(failFrom({ argv: ["--port", "abc"] }).message).toBe(
    "--port is 'abc' (from the command line), but must be a whole number from 0 to 65535",
  );
  const error = failFrom({ env: { MQTT_PORT: "abc" } });
  expect(error.message).toBe(
    "MQTT_PORT is 'abc' (from the environment), but must be a whole number from 0 to 65535",
  );
  expect(error.hint).toBe("set MQTT_PORT to a whole number from 0 to 65535, or leave it out");
  expect(error.exitCode).toBe(2);
});

test.each([
  ["--insecure=maybe", "true or false"],
  ["--log-level=trace", "debug, info, warn or error"],
  ["--log-format=xml", "text or json"],
  ["--mqtt-version=6", "5, 4 (or 3.1.1) or 3 (or 3.1)"],
  ["--mqtt-version=constructor", "5, 4 (or 3.1.1) or 3 (or 3.1)"],
  ["--ws-port=on", "a whole number from 0 to 65535 or off"],
  ["--data=", "text of 1 to 65535 bytes"],
  ["--group=a/b", "text without /, +, # and control characters"],
  ["--will=maybe", "on or off"],
  ["--dead-letters-max=0", "a whole number from 1 to 10000000"],
  ["--stop-timeout=1s", "a whole number of milliseconds from 1 to 3600000"],
  ["--durability=fast", "full, normal or off"],
  ["--queue-full=block", "drop or disconnect"],
  ["--topic-levels-max=101", "a whole number from 1 to 100"],
  ["--topic-aliases-max=65536", "a whole number from 0 to 65535"],
  ["--sys-interval=-1", "a whole number of seconds from 0 to 3600"],
  ["--http-token=a b", "letters, digits and -._~+/, without spaces"],
  ["--username=", "text of 1 to 65535 bytes"],
  ["--broker=", "a host name, or mqtt://"],
  [`--username=${"x".repeat(65_536)}`, "text of 1 to 65535 bytes"],
])("%s is refused, and the message says what is allowed", (flag, allowed) => {
  const error = failFrom({ argv: [flag] });
  expect(error.code).toBe("option_invalid");
  expect(error.exitCode).toBe(2);
  expect(error.message).toContain(`but must be ${allowed}`);
  expect(error.message.length).toBeLessThan(500);
});

test("a bad secret is not printed", () => {
  const error = failFrom({ env: { MQTT_TOKEN_FILE: "secret" }, files: { secret: "top\0secret" } });
  expect(error.message).toStartWith("MQTT_TOKEN_FILE is '***' (from the environment)");
  expect(JSON.stringify(error.facts) + error.hint).not.toContain("secret");
});

test("settings have the types of the schema", () => {
  expectTypeOf<Settings["mqttVersion"]>().toEqualTypeOf<5 | 4 | 3>();
  expectTypeOf<Settings["wsPort"]>().toEqualTypeOf<number | "off">();
  expectTypeOf<Settings["tlsPort"]>().toEqualTypeOf<number | "off">();
  expectTypeOf<Settings["durability"]>().toEqualTypeOf<"full" | "normal" | "off">();
  expectTypeOf<Settings["httpToken"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Settings["logLevel"]>().toEqualTypeOf<"debug" | "info" | "warn" | "error">();
  expectTypeOf<Settings["insecure"]>().toEqualTypeOf<boolean>();
  expectTypeOf<Settings["clientId"]>().toEqualTypeOf<string>();
  expectTypeOf<Settings["username"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Settings>().not.toHaveProperty("broker");
});
