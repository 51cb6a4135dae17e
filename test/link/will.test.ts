// The bridge's status on a topic: said at each connection and at the end, by itself or by the
// broker.

import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { createLogger } from "../../src/lib/log.ts";
import { Will } from "../../src/link/will.ts";
import { startMosquitto, startNats } from "../kit/brokers.ts";
import { connectDevice, type Device } from "../kit/device.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { startLinkProcess } from "../kit/link-process.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { openLink } from "../kit/open-link.ts";
import { type ScriptedConnection, startScriptedBroker } from "../kit/scripted-broker.ts";
import { describeIf } from "../kit/suites.ts";

const STATUS = "viaduto/link/status";
const WILL = { topic: STATUS };

async function acknowledge(connection: ScriptedConnection): Promise<unknown> {
  const { messageId = 0, topic, payload, qos, retain } = await connection.next("publish");
  if (messageId) connection.send({ cmd: "puback", messageId });
  return { topic, text: String(payload), qos, retain };
}

test("CONNECT carries `offline`, and `online` follows SUBSCRIBE, both retained", async () => {
  await using broker = await startScriptedBroker();
  await using _opened = openLink({ ports: [broker.port], origin: "plant", will: WILL });
  const connection = await broker.next();
  const connect = await connection.next("connect");
  const will = { topic: `plant/${STATUS}`, qos: 1, retain: true };
  expect(connect.will).toMatchObject({ ...will, properties: { willDelayInterval: 2 } });
  expect(String(connect.will?.payload)).toBe("offline");
  connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
  const { messageId = 0 } = await connection.next("subscribe");
  expect(connection.waiting("publish")).toBe(0);
  connection.send({ cmd: "suback", granted: [1], messageId });
  expect(await acknowledge(connection)).toEqual({ ...will, text: "online" });
});

test("a link without a status says nothing, and has no will", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port] });
  const connection = await broker.next();
  expect((await connection.accept()).will).toBeUndefined();
  await opened.link.connected();
  const closing = opened.link[Symbol.asyncDispose]();
  expect((await connection.next("disconnect")).reasonCode).toBe(0);
  connection.destroy();
  await closing;
  expect(connection.waiting("publish")).toBe(0);
});

test("a stop says `offline`, and DISCONNECT only when the broker has it", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], will: WILL, flushTimeoutMs: 5_000 });
  const connection = await broker.next();
  await connection.accept();
  await acknowledge(connection);
  await opened.link.connected();
  const closing = opened.link[Symbol.asyncDispose]();
  const { messageId = 0, payload, retain } = await connection.next("publish");
  expect({ text: String(payload), retain }).toEqual({ text: "offline", retain: true });
  expect(connection.waiting("disconnect")).toBe(0);
  connection.send({ cmd: "puback", messageId });
  expect((await connection.next("disconnect")).reasonCode).toBe(0);
  connection.destroy();
  await closing;
});

test("`offline` that no broker acknowledges is left to the will", async () => {
  for (const version of [5, 4] as const) {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], version, will: WILL });
    const connection = await broker.next();
    await connection.accept();
    await opened.link.connected();
    const closing = opened.link[Symbol.asyncDispose]();
    // 0x04: Disconnect with Will Message; MQTT 3.1.1 only knows a connection that just ends.
    if (version === 5) expect((await connection.next("disconnect")).reasonCode).toBe(4);
    else await connection.closed;
    expect(connection.waiting("disconnect")).toBe(0);
    connection.destroy();
    await closing;
  }
});

test("a broker that refuses the will's retain flag, or its QoS, gets less", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], will: WILL });
  const first = await broker.next();
  await first.next("connect");
  first.send({ cmd: "connack", sessionPresent: false, reasonCode: 0x9a });
  await opened.waitForLine(/WARN - .* does not take the bridge's last will: Retain not supported/);
  const second = await broker.next();
  expect((await second.next("connect")).will).toMatchObject({ qos: 0, retain: false });
  second.send({ cmd: "connack", sessionPresent: false, reasonCode: 0x9b });
  const third = await broker.next();
  expect((await third.accept()).will).toBeUndefined();
  await opened.waitForLine(/WARN - the broker refuses the last will: 'viaduto\/link\/status'/);
  await opened.link.connected();
  expect(third.waiting("publish")).toBe(0);
});

test("a broker that only hangs up is tried without a will each fifth time", () => {
  const target = { label: "picky", open: () => new PassThrough() };
  const { writer } = createLogLines();
  const log = createLogger({ name: "Link", level: "info", format: "text", colour: false, writer });
  const publish = async () => ({ reasonCode: 0 });
  const will = new Will({ origin: "", will: WILL, sessionExpirySeconds: 0, publish, log });
  const attempts = Array.from({ length: 10 }, () => {
    const isSent = will.get(target) !== undefined;
    will.ended(target, "broker_hung_up", false);
    return isSent;
  });
  const five = [true, true, true, true, false];
  expect(attempts).toEqual([...five, ...five]);
  for (let count = 0; count < 4; count++) will.ended(target, "login_refused", false);
  expect(will.get(target)).toBeUndefined();
  // It was open, so the next attempt is as the first.
  will.ended(target, "broker_hung_up", true);
  expect(will.get(target)).toMatchObject({ retain: true, qos: 1, delaySeconds: 0 });
});

test("a broker that only says that it has no retain gets the status without it", async () => {
  await using broker = await startScriptedBroker();
  await using _opened = openLink({ ports: [broker.port], will: WILL });
  const connection = await broker.next();
  await connection.accept({ properties: { retainAvailable: false, maximumQoS: 0 } });
  const said = await acknowledge(connection);
  expect(said).toEqual({ topic: STATUS, text: "online", qos: 0, retain: false });
});

test("each connection says `online` again, and what was not acknowledged goes once", async () => {
  await using broker = await startScriptedBroker();
  await using opened = openLink({ ports: [broker.port], will: WILL });
  const first = await broker.next();
  await first.accept();
  await first.next("publish");
  first.destroy();
  const second = await broker.next();
  await second.accept();
  expect(await acknowledge(second)).toMatchObject({ text: "online" });
  await opened.link.publish({ topic: "x", payload: Buffer.from("x"), qos: 0, retain: false });
  expect(await acknowledge(second)).toMatchObject({ text: "x" });
  second.destroy();
  const third = await broker.next();
  await third.accept();
  expect(await acknowledge(third)).toMatchObject({ text: "online" });
});

type Setup = AsyncDisposable & { readonly port: number };

/** What a device saw last on the status topic, in order. */
const textsOf = (device: Device) => device.received.map(({ text }) => text);

function describeStatus(
  name: string,
  start: () => Promise<Setup>,
  versions: readonly (4 | 5)[] = [5, 4],
): void {
  for (const version of versions) {
    const options = { will: WILL, version };

    test(`${name}, version ${version}: the broker tells a kill -9, the link a stop`, async () => {
      await using broker = await start();
      await using device = await connectDevice(broker.port, STATUS, { protocolVersion: version });
      await using child = await startLinkProcess(broker.port, options);
      await device.waitForCount(1);
      await child.kill("SIGKILL");
      await device.waitForCount(2);
      const opened = openLink({ ports: [broker.port], ...options, flushTimeoutMs: 5_000 });
      await device.waitForCount(3);
      await opened[Symbol.asyncDispose]();
      await device.waitForCount(4);
      expect(textsOf(device)).toEqual(["online", "offline", "online", "offline"]);
      await using late = await connectDevice(broker.port, STATUS, { protocolVersion: version });
      const [kept] = await late.waitForCount(1);
      expect({ text: kept?.text, retain: kept?.packet.retain }).toEqual({
        text: "offline",
        retain: true,
      });
    });

    test(`${name}, version ${version}: after a take-over the status is online`, async () => {
      await using broker = await start();
      await using device = await connectDevice(broker.port, STATUS, { protocolVersion: version });
      await using child = await startLinkProcess(broker.port, options);
      await device.waitForCount(1);
      // For the broker, the old connection still stands.
      await child.kill("SIGSTOP");
      await using opened = openLink({ ports: [broker.port], ...options });
      await opened.link.connected();
      await device.waitUntil(
        () => textsOf(device).filter((text) => text === "online").length === 2,
      );
      expect(textsOf(device).at(-1)).toBe("online");
      await child.kill("SIGKILL");
      await device.send(STATUS, "the end");
      await device.waitUntil(() => textsOf(device).includes("the end"));
      expect(textsOf(device).at(-2)).toBe("online");
    });
  }
}

describe("the embedded broker", () => {
  describeStatus("embedded", startEmbedded);
});

describeIf("nats-server", "NATS", () => {
  describeStatus("NATS", startNats, [4]);
});

describeIf("mosquitto", "Mosquitto", () => {
  describeStatus("Mosquitto", startMosquitto);

  test("without retained messages it takes a lesser will", async () => {
    await using broker = await startMosquitto({ extra: ["retain_available false"] });
    await using device = await connectDevice(broker.port, STATUS);
    await using opened = openLink({ ports: [broker.port], will: WILL });
    await opened.waitForLine(/WARN - .* does not take the bridge's last will: Retain not supp/);
    await opened.waitForLine(
      /WARN - the broker keeps no retained messages: 'viaduto\/link\/status'/,
    );
    await device.waitForCount(1);
    expect(textsOf(device)).toEqual(["online"]);
  });

  test("with an ACL against the status, the bridge works and says why it is silent", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "viaduto-acl-")), "acl");
    await writeFile(file, "topic readwrite in/#\n");
    await using broker = await startMosquitto({ extra: [`acl_file ${file}`] });
    await using opened = openLink({ ports: [broker.port], will: WILL });
    await opened.waitForLine(/WARN - the broker refused 'viaduto\/link\/status': Not authorized/);
    expect(opened.link.state.kind).toBe("connected");
    await rm(dirname(file), { recursive: true });
  });
});
