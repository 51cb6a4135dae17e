// The banner: who can reach the bridge, and lines that a person can copy.

import { expect, test } from "bun:test";
import { buildBanner, describeApp } from "../../src/cli/banner.ts";
import { readSettings } from "../../src/config/read.ts";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { type Bridge, startBridge } from "../kit/bridge.ts";
import { connectDevice } from "../kit/device.ts";
import { run } from "../kit/processes.ts";

/** The banner of a bridge with other flags than those that it was started with. */
function readBanner(bridge: Bridge, argv: readonly string[]) {
  const { settings } = readSettings({ argv, env: {}, cwd: "/", isTerminal: true });
  const { app } = bridge;
  const lines = buildBanner(settings, app).split("\n");
  return { lines, facts: describeApp(settings, app), settings };
}

test("the reach is told by the address, whatever is allowed", async () => {
  await using bridge = await startBridge();
  const reach = "everyone who reaches 0.0.0.0: MQTT without a login, HTTP without a token";
  const open = readBanner(bridge, ["--host", "0.0.0.0", "--allow-anonymous"]);
  expect(open.lines).toContain(`  Reach      ${reach}`);
  expect(open.facts.reach).toBe(reach);
  const local = readBanner(bridge, ["--host", "127.0.0.2", "--allow-anonymous"]);
  expect(local.lines).toContain("  Reach      this machine only");
  expect(local.facts.reach).toBe("this machine only");
});

test.each([
  [["--password-file", "p", "--http-token", "t"], "MQTT with a login, HTTP with the token"],
  [["--tls-cert", "c", "--tls-key", "k", "--tls-ca", "a"], "MQTT with a client certificate, "],
  [["--lan"], "MQTT with a login, HTTP with the token"],
  [["--broker", "a", "--http-token", "t"], "HTTP with the token"],
])("with %j everyone needs: %s", async (argv, words) => {
  await using bridge = await startBridge();
  const { facts } = readBanner(bridge, ["--host", "10.0.0.1", ...argv]);
  expect(facts.reach).toStartWith(`everyone who reaches 10.0.0.1: ${words}`);
  expect(JSON.stringify(facts)).not.toContain('"t"');
});

const OF_CLIENTS = "sessions, retained and queued messages, wills";

test.each([
  [["--data", "/srv/kept"], `${OF_CLIENTS}, dead letters, history, in /srv/kept`],
  [[], `${OF_CLIENTS}, dead letters, history, in ./viaduto-data`],
  [
    ["--durability", "off"],
    `${OF_CLIENTS}, dead letters, history, in ./viaduto-data; ` +
      "what came just before a crash is lost (--durability off)",
  ],
  [
    ["--data", ":memory:"],
    `nothing: ${OF_CLIENTS}, dead letters, history are forgotten when it stops (--data)`,
  ],
  [["--broker", "a"], "dead letters, history, in ./viaduto-data"],
  [
    ["--broker", "a", "--data", ":memory:"],
    "nothing: dead letters, history are forgotten when it stops (--data)",
  ],
])("with %j it says what a stop leaves: %s", async (argv, words) => {
  await using bridge = await startBridge();
  const { lines, facts } = readBanner(bridge, argv);
  expect(lines).toContain(`  Kept       ${words}`);
  expect(facts.kept).toBe(words);
});

test("what the banner calls kept is there after a restart", async () => {
  await using folder = await makeTemporaryFolder();
  const flags = ["--data", folder.path];
  const kept: string[] = [];
  for (const _start of [1, 2]) {
    await using bridge = await startBridge({ flags });
    kept.push(String(readBanner(bridge, flags).facts.kept));
    const url = `${bridge.url}/topics/room/door?retain=true`;
    if (kept.length === 1) await fetch(url, { method: "PUT", body: "open" });
    await using device = await connectDevice(bridge.mqttPort, "room/#");
    const [retained] = await device.waitForCount(1);
    expect([retained?.text, retained?.packet.retain]).toEqual(["open", true]);
  }
  expect(kept).toEqual(Array(2).fill(`${OF_CLIENTS}, dead letters, history, in ${folder.path}`));
});

test("where a login is needed, the lines to copy have a place for it", async () => {
  await using bridge = await startBridge();
  const { facts } = readBanner(bridge, ["--password-file", "p"]);
  expect(facts.try).toContain(" -u USER -P PASSWORD -t ");
});

test("an IPv6 address has brackets in URLs, and none after -h", async () => {
  await using bridge = await startBridge();
  const { lines, facts } = readBanner(bridge, ["--host", "::1"]);
  expect(lines).toContain(`  HTTP       http://[::1]:${bridge.app.httpPort}`);
  expect(lines.join("\n")).toContain(`mqtt://[::1]:${bridge.mqttPort} `);
  expect(facts.http).toBe(`http://[::1]:${bridge.app.httpPort}`);
  expect(facts.try).toStartWith(`mosquitto_pub -h ::1 -p ${bridge.mqttPort} -t devices/update -m`);
});

test("a topic of any characters comes through the shell as it is", async () => {
  await using bridge = await startBridge();
  const { facts } = readBanner(bridge, ["--origin", "it's $HOME `id`"]);
  const words = String(facts.try).replace("mosquitto_pub", "printf '%s\\n'");
  const { stdout } = await run("sh", ["-c", words]);
  const topic = "it's $HOME `id`/devices/update";
  expect(stdout.split("\n").slice(5, 8)).toEqual([
    topic,
    "-m",
    '{"device_id":"sensor-99","version":"1.0"}',
  ]);
});

test.each([
  [["--broker", "mqtt://10.0.0.1"], "mosquitto_pub -h 10.0.0.1 -p 1883 -t "],
  [["--broker", "mqtts://[fd00::1]"], "viaduto pub -L 'mqtts://[fd00::1]:8883' -t "],
  [["--broker", "wss://b/x?key=pw"], "viaduto pub -L wss://b:443/x -t "],
  [["--broker", "ws://b"], "viaduto pub -L ws://b:80 -t "],
  [["--broker", "mqtt://ana:pw@b"], "viaduto pub -L mqtt://b:1883 -u ana -t "],
  [
    ["--broker", "mqtts://b", "--ca", "my ca.pem", "--insecure"],
    "viaduto pub -L mqtts://b:8883 --cafile 'my ca.pem' --insecure -t ",
  ],
])("with %j a line to copy begins with %s", async (argv, beginning) => {
  await using bridge = await startBridge();
  const { lines, facts } = readBanner(bridge, argv);
  expect(facts.try).toStartWith(beginning);
  expect(lines).toContain(`    ${facts.try}`);
  expect(JSON.stringify([lines, facts])).not.toContain("pw");
});
