// What `viaduto pub` sends, packet by packet, and how it ends when the broker says no.

import { describe, expect, test } from "bun:test";
import type { IConnackPacket, IConnectPacket } from "mqtt-packet";
import {
  type ScriptedBroker,
  type ScriptedConnection,
  startScriptedBroker,
} from "../kit/scripted-broker.ts";
import { at, LINES, runTool, startTool } from "./tool-runner.ts";

type Accepted = { readonly connection: ScriptedConnection; readonly connect: IConnectPacket };

async function accept(
  broker: ScriptedBroker,
  connack: Partial<IConnackPacket> = {},
): Promise<Accepted> {
  const connection = await broker.next();
  const connect = await connection.next("connect");
  const yes = connect.protocolVersion === 5 ? { reasonCode: 0 } : { returnCode: 0 };
  connection.send({ cmd: "connack", sessionPresent: false, ...yes, ...connack });
  return { connection, connect };
}

const message = (...flags: string[]) => ["-t", "a", "-m", "x", ...flags];

describe("pub waits for the acknowledgement", () => {
  test("with QoS 1 it disconnects after PUBACK, and not before", async () => {
    await using broker = await startScriptedBroker();
    await using pub = startTool(["pub", ...at(broker.port), ...message("-q", "1")]);
    const { connection } = await accept(broker);
    const { messageId = 0 } = await connection.next("publish");
    connection.send({ cmd: "puback", messageId });
    expect(connection.waiting("disconnect")).toBe(0);
    await connection.next("disconnect");
    expect(await pub.ended).toBe(0);
  });

  test("with QoS 2 it disconnects after PUBCOMP, and not before", async () => {
    await using broker = await startScriptedBroker();
    await using pub = startTool(["pub", ...at(broker.port), ...message("-q", "2")]);
    const { connection } = await accept(broker);
    const { messageId = 0 } = await connection.next("publish");
    connection.send({ cmd: "pubrec", messageId });
    await connection.next("pubrel");
    expect(connection.waiting("disconnect")).toBe(0);
    connection.send({ cmd: "pubcomp", messageId });
    await connection.next("disconnect");
    expect(await pub.ended).toBe(0);
  });

  test("-l reads on when the broker has room, and not before", async () => {
    await using broker = await startScriptedBroker();
    const argv = ["pub", ...at(broker.port), "-t", "a", "-l", "-q", "1"];
    await using pub = startTool(argv, { stdin: LINES.join("\n") });
    const receiveMaximum = 20;
    const { connection } = await accept(broker, { properties: { receiveMaximum } });
    for (const [index, line] of LINES.entries()) {
      const { messageId = 0, payload } = await connection.next("publish");
      expect(payload.toString()).toBe(line);
      expect(connection.waiting("publish")).toBeLessThan(receiveMaximum);
      if (index === 0) expect(connection.waiting("disconnect")).toBe(0);
      connection.send({ cmd: "puback", messageId });
    }
    expect(await pub.ended).toBe(0);
  });
});

describe("pub ends with 1", () => {
  test("when the broker refuses the message", async () => {
    await using broker = await startScriptedBroker();
    await using pub = startTool(["pub", ...at(broker.port), "-t", "a", "-l", "-q", "1"]);
    const { connection } = await accept(broker);
    pub.write("x\n");
    const { messageId = 0 } = await connection.next("publish");
    connection.send({ cmd: "puback", messageId, reasonCode: 0x87 });
    expect(await pub.ended).toBe(1);
    expect(pub.stderr()).toContain("the broker refused 'a': Not authorized (0x87)");
  });

  test("when the broker goes away while it waits for a line", async () => {
    await using broker = await startScriptedBroker();
    await using pub = startTool(["pub", ...at(broker.port), "-t", "a", "-l"]);
    const { connection } = await accept(broker);
    pub.write("x\n");
    await connection.next("publish");
    connection.destroy();
    expect(await pub.ended).toBe(1);
    expect(pub.stderr()).toContain(`mqtt://127.0.0.1:${broker.port} closed the connection`);
  });

  test("when the broker says why it goes away", async () => {
    await using broker = await startScriptedBroker();
    await using pub = startTool(["pub", ...at(broker.port), ...message("-q", "1")]);
    const { connection } = await accept(broker);
    await connection.next("publish");
    connection.send({ cmd: "disconnect", reasonCode: 0x97 });
    connection.destroy();
    expect(await pub.ended).toBe(1);
    expect(pub.stderr()).toContain("Quota exceeded (0x97)");
  });

  test("when the broker takes no such QoS", async () => {
    await using broker = await startScriptedBroker();
    await using pub = startTool(["pub", ...at(broker.port), ...message("-q", "2")]);
    await accept(broker, { properties: { maximumQoS: 1 } });
    expect(await pub.ended).toBe(1);
    expect(pub.stderr()).toContain("publish with QoS 1");
  });
});

describe("pub connects", () => {
  test("with a new client id each time, a clean session and a keepalive of 60 s", async () => {
    await using broker = await startScriptedBroker();
    const argv = ["pub", ...at(broker.port), ...message()];
    const ids = new Set<string>();
    for (const _ of [1, 2]) {
      await using pub = startTool(argv, { env: { MQTT_CLIENT_ID: "the-bridge" } });
      const { connect } = await accept(broker);
      expect(connect).toMatchObject({ protocolVersion: 5, clean: true, keepalive: 60 });
      expect(connect.clientId).toMatch(/^viaduto-pub-[0-9a-f]{8}$/);
      ids.add(connect.clientId);
      expect(await pub.ended).toBe(0);
    }
    expect(ids.size).toBe(2);
  });

  test("with the id, keepalive and version that it is told", async () => {
    await using broker = await startScriptedBroker();
    const flags = ["-i", "me", "-k", "7", "-V", "mqttv31"];
    await using pub = startTool(["pub", ...at(broker.port), ...message(...flags)]);
    const { connect } = await accept(broker);
    expect(connect).toMatchObject({ clientId: "me", keepalive: 7, protocolVersion: 3 });
    expect(await pub.ended).toBe(0);
  });

  test("with 3.1.1 to a broker that hangs up at MQTT 5", async () => {
    await using broker = await startScriptedBroker();
    await using pub = startTool(["pub", ...at(broker.port), ...message("-d")]);
    const first = await broker.next();
    await first.next("connect");
    first.destroy();
    const { connect } = await accept(broker);
    expect(connect.protocolVersion).toBe(4);
    expect(await pub.ended).toBe(0);
    expect(pub.stderr()).toContain("with MQTT 3.1.1 as");
  });

  test("never with less than MQTT 5 when there are properties", async () => {
    await using broker = await startScriptedBroker();
    const flags = ["-D", "publish", "content-type", "text/plain"];
    await using pub = startTool(["pub", ...at(broker.port), ...message(...flags)]);
    const first = await broker.next();
    await first.next("connect");
    first.destroy();
    expect(await pub.ended).toBe(1);
  });

  test("to the brokers of MQTT_URL in turn, with the bridge's token", async () => {
    await using broker = await startScriptedBroker();
    const MQTT_URL = `mqtt://127.0.0.1:1,mqtt://127.0.0.1:${broker.port}`;
    const env = { MQTT_URL, MQTT_TOKEN: "t0ken", MQTT_ORIGIN: "workshop" };
    const users = ["k=1", "k=2"].flatMap((pair) => [
      ...["-D", "publish", "user-property"],
      ...pair.split("="),
    ]);
    await using pub = startTool(["pub", ...message(...users)], { env });
    const { connection } = await accept(broker);
    const { topic, properties } = await connection.next("publish");
    expect(topic).toBe("a");
    expect({ ...properties?.userProperties }).toEqual({ token: "t0ken", k: ["1", "2"] });
    expect(await pub.ended).toBe(0);
  });
});

test("pub sends values that look like flags as they are", async () => {
  await using broker = await startScriptedBroker();
  await using pub = startTool(["pub", ...at(broker.port), "-rt", "a", "-m", "-D"]);
  const { connection } = await accept(broker);
  const { retain, payload } = await connection.next("publish");
  expect([retain, payload.toString()]).toEqual([true, "-D"]);
  expect(await pub.ended).toBe(0);
});

describe("pub used wrongly ends with 2, and says what to do", () => {
  const ok = ["-t", "a", "-m", "x"];
  const cases: readonly (readonly [string, string[], string])[] = [
    ["no topic", ["-m", "x"], "the topic (-t) is missing"],
    ["a wildcard in the topic", ["-t", "a/+", "-m", "x"], "it has a wildcard"],
    ["no payload", ["-t", "a"], "the payload (-m, -f, -s, -l, -n) is missing"],
    ["two payloads", [...ok, "-n"], "--message and --null-message exclude each other"],
    ["a file that is not there", ["-t", "a", "-f", "/no/such"], "/no/such cannot be read"],
    ["an unknown letter", [...ok, "-z"], "there is no flag '-z'"],
    ["an unknown name", [...ok, "--retian"], "did you mean '--retain'?"],
    ["a word too many", [...ok, "y"], "'y' was not expected here"],
    ["a QoS of 3", [...ok, "-q", "3"], "-q is '3'"],
    ["a switch with a value", [...ok, "--retain=no"], "--retain is 'no'"],
    ["a version that there is not", [...ok, "-V", "6"], "-V is '6'"],
    ["a URL as host", [...ok, "-h", "mqtt://a"], "a URL goes with -L"],
    ["a host as URL", [...ok, "-L", "a"], "-L is 'a'"],
    ["two brokers", [...ok, "-L", "mqtt://a", "-p", "1884"], "--url and --port exclude"],
    ["two topics", [...ok, "-L", "mqtt://a/b"], "-t and a topic in -L exclude each other"],
    ["TLS flags without TLS", [...ok, "-L", "mqtt://a", "--insecure"], "mqtt:// exclude"],
    ["a password without a name", [...ok, "-P", "x"], "the user name of the password is missing"],
    ["half a property", [...ok, "-D", "publish", "user-property", "k"], "a word after -D"],
    ["an unknown property", [...ok, "-D", "publish", "colour", "red"], "'publish colour'"],
    ["a property of CONNECT", [...ok, "-D", "connect", "receive-maximum", "1"], "must be publish"],
    ["properties in 3.1.1", [...ok, "-V", "311", "-D", "publish", "content-type", "x"], "-V 311"],
  ];
  for (const [name, argv, words] of cases) {
    test(name, async () => {
      const { exitCode, stdout, stderr } = await runTool(["pub", "--quiet", ...argv]);
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(words);
      expect(stderr).toContain("\n  → ");
    });
  }
});

test("pub --help has every flag, in lines that a projector shows", async () => {
  const { stdout, exitCode } = await runTool(["pub", "--help"]);
  expect(exitCode).toBe(0);
  for (const letter of "hpLuPikVtmfslnqrDd") expect(stdout).toContain(`  -${letter}, --`);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(88);
});
