import { expect, test } from "bun:test";
import { failFrom, readFrom, type Sources } from "./settings-reader.ts";

const readLabels = (sources: Sources) =>
  readFrom(sources).settings.brokers.map((broker) => broker.label);

test("MQTT_URL goes before MQTT_BROKER", () => {
  expect(readLabels({ env: { MQTT_URL: "mqtt://a", MQTT_BROKER: "b" } })).toEqual([
    "mqtt://a:1883",
  ]);
  expect(readLabels({ env: { MQTT_URL: "", MQTT_BROKER: "b" } })).toEqual(["mqtt://b:1883"]);
});

test("MQTT_PORT is the port of bare host names, wherever they stand", () => {
  const env = { MQTT_PORT: "1884" };
  expect(readLabels({ env: { ...env, MQTT_BROKER: "a" } })).toEqual(["mqtt://a:1884"]);
  expect(readLabels({ env, argv: ["--broker", "a,b:1,mqtt://c,wss://d"] })).toEqual([
    "mqtt://a:1884",
    "mqtt://b:1",
    "mqtt://c:1883",
    "wss://d:443",
  ]);
});

test("with a broker, MQTT_PORT is not the embedded port", () => {
  const env = { MQTT_PORT: "1884" };
  expect(readFrom({ env }).settings.mqttPort).toBe(1884);
  const { settings, sources } = readFrom({ env, argv: ["--broker", "a"] });
  expect(settings.mqttPort).toBe(1883);
  expect(sources.mqttPort.kind).toBe("default");
  const files = { "viaduto.config.yaml": "broker: a\nmqtt-port: 1885\n" };
  expect(readFrom({ env, files }).settings).toMatchObject({
    mqttPort: 1885,
    brokers: [{ label: "mqtt://a:1884" }],
  });
});

test("with a broker, MQTT_PORT is only judged when a bare host needs it", () => {
  // Kubernetes sets it like this for a service named "mqtt".
  const env = { MQTT_PORT: "tcp://10.0.0.1:1883" };
  expect(readLabels({ env: { ...env, MQTT_URL: "mqtt://a" } })).toEqual(["mqtt://a:1883"]);
  const error = failFrom({ env: { ...env, MQTT_BROKER: "a" } });
  expect(error.message).toBe(
    "MQTT_PORT is 'tcp://10.0.0.1:1883' (from the environment), " +
      "but must be a whole number from 1 to 65535",
  );
  expect(failFrom({ env: { MQTT_BROKER: "a", MQTT_PORT: "0" } }).code).toBe("option_invalid");
});

test("a login in the URL is used when none is given", () => {
  const [broker] = readFrom({ argv: ["--broker", "mqtt://me:p%40w@h"] }).settings.brokers;
  expect(broker).toMatchObject({ username: "me", password: "p@w" });
});

test("a login that is given goes before the one in the URL, each part by itself", () => {
  const env = { MQTT_URL: "mqtt://me@a,mqtt://you:x@b", MQTT_PASSWORD: "y" };
  const { brokers } = readFrom({ env }).settings;
  expect(brokers.map(({ username, password }) => [username, password])).toEqual([
    ["me", "y"],
    ["you", "y"],
  ]);
});

test.each([
  ["http://me:secret@h", "http://***@h"],
  ["mqtt://me:secret@h:99999", "mqtt://***@h:99999"],
  ["mqtt://me:sec,ret@h:0,b", "mqtt://***@h:0,b"],
  ["a,", "a,"],
])("the broker %s is refused and its login masked", (broker, shown) => {
  const error = failFrom({ argv: ["--broker", broker] });
  expect(error.code).toBe("option_invalid");
  expect(error.exitCode).toBe(2);
  expect(error.message).toStartWith(`--broker is '${shown}' (from the command line), but must be`);
});

test("a password without a user name is refused", () => {
  const argv = ["--broker", "a", "--password", "secret"];
  expect(failFrom({ argv })).toMatchObject({ code: "argument_missing", exitCode: 2 });
  expect(failFrom({ env: { MQTT_URL: "mqtt://:secret@a" } }).message).not.toContain("secret");
  expect(readLabels({ argv: [...argv, "--username", "me"] })).toEqual(["mqtt://a:1883"]);
});
