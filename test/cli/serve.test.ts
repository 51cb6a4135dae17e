// The compiled binary as people start it: in an empty directory, rightly and wrongly.

import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { findFreePort } from "../../scripts/free-port.ts";
import { BINARY, startBinary } from "../kit/bridge.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { connectDevice } from "../kit/device.ts";
import { run, spawnProcess } from "../kit/processes.ts";
import { describeIf } from "../kit/suites.ts";

const ANSWERS = "devices/update/status/#";
const MIB = 1 << 20;
const FREE_PORTS = ["--port", "0", "--mqtt-port", "0", "--ws-port", "off"];

describe("the binary with nothing but itself", () => {
  test("shows a banner and answers a device, and stops with 0 at SIGTERM", async () => {
    await using bridge = await startBinary();
    await using device = await connectDevice(bridge.mqttPort, ANSWERS);
    await device.send("devices/update", { device_id: "sensor-99", version: "1.0" });
    const [answer] = await device.waitForCount(1);
    expect(JSON.parse(answer?.text ?? "")).toMatchObject({ status: "received" });
    await bridge.process.waitForLine(/devices\/update -> {"device_id":"sensor-99"/);
    await bridge.process.waitForLine(/devices\/update\/status\/\d{4} <- {"device_id"/);
    expect(bridge.process.lines).toContain("  Reach      this machine only");

    await bridge.process.kill("SIGTERM");
    expect(await bridge.process.ended).toBe(0);
    expect(bridge.process.stderr()).toBe("");
    expect(bridge.process.lines.at(-1)).toMatch(/INFO - stopped$/);
  });

  for (const protocolVersion of [3, 4, 5] as const) {
    test(`speaks MQTT version ${protocolVersion} at all three doors`, async () => {
      await using bridge = await startBinary();
      const { mqttPort, wsPort, url } = bridge;
      const doors = [
        `mqtt://127.0.0.1:${mqttPort}`,
        `ws://127.0.0.1:${wsPort}/mqtt`,
        `${url.replace("http", "ws")}/mqtt`,
      ];
      await using listener = await connectDevice(mqttPort, ANSWERS);
      for (const [at, door] of doors.entries()) {
        const protocolId = protocolVersion === 3 ? "MQIsdp" : "MQTT";
        const client = await connectAsync(door, { protocolVersion, protocolId });
        const request = JSON.stringify({ device_id: door });
        await client.publishAsync("devices/update", request, { qos: 1 });
        await listener.waitForCount(at + 1);
        expect(JSON.parse(listener.received[at]?.text ?? "").device_id).toBe(door);
        await client.endAsync();
      }
    });
  }

  test("SIGINT stops it as well, and idle connections do not hold it up", async () => {
    await using bridge = await startBinary();
    await using _device = await connectDevice(bridge.mqttPort, ANSWERS);
    const socket = new WebSocket(`${bridge.url.replace("http", "ws")}/mqtt`, ["mqtt"]);
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    await fetch(`${bridge.url}/health`);
    await bridge.process.kill("SIGINT");
    expect(await bridge.process.ended).toBe(0);
  });
});

describe("bad input leaves it serving, with one clear message", () => {
  test("payloads that are not what the handler wants", async () => {
    await using bridge = await startBinary();
    await using device = await connectDevice(bridge.mqttPort, ANSWERS);
    const bad = ["", "{", "[]", '{"device_id":7}', '{"version":"1"}'];
    for (const payload of bad) await device.send("devices/update", payload);
    await device.send("devices/update", { device_id: "good" });
    await device.waitForCount(1);
    const warnings = bridge.process.lines.filter((line) => line.includes(" - WARN - "));
    expect(warnings).toHaveLength(bad.length);
    for (const line of warnings) expect(line).toContain("does not fit 'devices/update'");
  });

  test("2 MiB over MQTT and over HTTP", async () => {
    await using bridge = await startBinary();
    await using device = await connectDevice(bridge.mqttPort, ANSWERS);
    device.client.publish("devices/update", Buffer.alloc(2 * MIB), { qos: 0 });
    await bridge.process.waitForLine(/WARN - client '.*' was closed: packet too large/);
    const body = Buffer.alloc(2 * MIB);
    const refused = await fetch(`${bridge.url}/topics/devices/update`, { method: "PUT", body });
    expect(refused.status).toBe(413);
    await using other = await connectDevice(bridge.mqttPort, ANSWERS);
    await other.send("devices/update", { device_id: "good" });
    await other.waitForCount(1);
  });

  test("a wildcard in POST /publish", async () => {
    await using bridge = await startBinary();
    const body = JSON.stringify({ topic: "devices/#", payload: "x" });
    const refused = await fetch(`${bridge.url}/publish`, { method: "POST", body });
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as { detail: string }).detail).toContain("wildcard");
  });
});

describe("started wrongly it says what to do and never starts", () => {
  const start = (args: string[], env: Record<string, string> = {}) =>
    run(BINARY, args, { cwd: tmpdir(), env });

  test("an unknown flag", async () => {
    const { exitCode, stderr } = await start(["--mqtt-prot", "1"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("there is no flag '--mqtt-prot'");
    expect(stderr).toContain("did you mean '--mqtt-port'?");
  });

  test("MQTT_PORT=abc", async () => {
    const { exitCode, stderr } = await start([], { MQTT_PORT: "abc" });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("MQTT_PORT");
    expect(stderr).toContain("'abc'");
    expect(stderr).toContain("a whole number from 0 to 65535");
  });

  test("an address that others can reach, without saying that this is meant", async () => {
    const { exitCode, stderr } = await start(["--host", "0.0.0.0"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--allow-anonymous");
  });

  test("a folder of handlers that is not there", async () => {
    const { exitCode, stderr } = await start(["--handlers", "/no/such/folder"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("there is no folder /no/such/folder");
    expect(stderr).toContain("viaduto init");
  });

  test("a data folder that cannot be made, or a file in it that is none of ours", async () => {
    const inFile = await start(["--data", `${BINARY}/data`, ...FREE_PORTS]);
    expect(inFile.exitCode).toBe(2);
    const folder = await mkdtemp(join(tmpdir(), "viaduto-data-"));
    await Bun.write(join(folder, "dead-letters.sqlite"), "not a database, and not to be replaced");
    const foreign = await start(["--data", folder, ...FREE_PORTS]);
    expect(foreign.exitCode).toBe(2);
    expect(foreign.stderr).toContain("dead-letters.sqlite cannot be used");
    expect(await Bun.file(join(folder, "dead-letters.sqlite")).text()).toStartWith("not a data");
    await rm(folder, { recursive: true });
  });

  test("two bridges on one port, for each of its ports", async () => {
    await using first = await startBinary();
    const ports: [string, number, RegExp][] = [
      [
        "--mqtt-port",
        first.mqttPort,
        /use the broker that is there: --broker mqtt:.*--mqtt-port 0/,
      ],
      ["--ws-port", first.wsPort, /--ws-port off.*--ws-port 0/],
      ["--port", Number(new URL(first.url).port), /--port 0/],
    ];
    for (const [flag, port, remedy] of ports) {
      const free = ["--port", "0", "--mqtt-port", "0", "--ws-port", "0"];
      const { exitCode, stderr } = await start([...free, flag, String(port)]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`port ${port} on 127.0.0.1 is taken`);
      expect(stderr).toMatch(remedy);
    }
  });
});

describe("a broker that cannot be used", () => {
  const external = (url: string) => startBinary({ flags: ["--broker", url] });

  test("a host that does not resolve: one clear line, alive and not ready", async () => {
    await using bridge = await external("mqtt://no.such.host.invalid");
    await bridge.process.waitForLine(/WARN - the broker's name no\.such\.host\.invalid does not/);
    expect((await fetch(`${bridge.url}/health`)).status).toBe(200);
    expect((await fetch(`${bridge.url}/ready`)).status).toBe(503);
  });

  test("nobody there: it says so, and goes to work when somebody is", async () => {
    const port = await findFreePort();
    await using bridge = await external(`mqtt://127.0.0.1:${port}`);
    await bridge.process.waitForLine(/WARN - nothing listens at/);
    await bridge.process.kill("SIGTERM");
    expect(await bridge.process.ended).toBe(0);
  });
});

describeIf("mosquitto", "the binary with Mosquitto", () => {
  test("MQTT_BROKER and MQTT_PORT make it external, with no broker of its own", async () => {
    await using mosquitto = await startMosquitto();
    const env = { MQTT_BROKER: "localhost", MQTT_PORT: String(mosquitto.port) };
    const args = ["--port", "0", "--log-format", "text"];
    await using process = spawnProcess(BINARY, args, { cwd: tmpdir(), env });
    await process.waitForLine(/^ {2}Broker +mqtt:\/\/localhost:\d+$/);
    await process.waitForLine(/connected to/);
    expect(process.lines.join("\n")).not.toContain("embedded");
    await using device = await connectDevice(mosquitto.port, ANSWERS);
    await device.send("devices/update", { device_id: "sensor-99" });
    await device.waitForCount(1);
  });

  test("a wrong password is one clear line, and it goes on trying", async () => {
    await using mosquitto = await startMosquitto({ users: { me: "right" } });
    const flags = ["--broker", `mqtt://127.0.0.1:${mosquitto.port}`, "--username", "me"];
    await using bridge = await startBinary({ flags: [...flags, "--password", "wrong"] });
    const [line] = await bridge.process.waitForLine(/WARN - .*/);
    expect(line).toContain("refused the login: Not authorized (0x87)");
    expect(line).toContain("Check --username and --password");
    expect(bridge.process.lines.join("\n")).not.toContain("wrong");
    expect((await fetch(`${bridge.url}/ready`)).status).toBe(503);
  });
});
