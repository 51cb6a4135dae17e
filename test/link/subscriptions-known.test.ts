// Filters that an earlier run of the bridge has left in the broker's session, packet by packet.

import { describe, expect, test } from "bun:test";
import { createLogger } from "../../src/lib/log.ts";
import { openKnownFilters } from "../../src/store/known-filters.ts";
import { startMosquitto } from "../kit/brokers.ts";
import { makeFolder } from "../kit/dead-letters.ts";
import { connectDevice } from "../kit/device.ts";
import { createLogLines } from "../kit/log-lines.ts";
import { openLink } from "../kit/open-link.ts";
import {
  type ScriptedBroker,
  type ScriptedConnection,
  startScriptedBroker,
} from "../kit/scripted-broker.ts";
import { describeIf } from "../kit/suites.ts";

const subs = (...filters: string[]) => {
  return filters.map((filter) => ({ filter, qos: 1, retained: "send" }) as const);
};
const toLabel = ({ port }: ScriptedBroker) => `mqtt://127.0.0.1:${port}`;

/** The file of the client `link` in this folder, as a process that starts now finds it. */
function openFile(folder: string) {
  const { writer } = createLogLines();
  const log = createLogger({ name: "Store", level: "info", format: "text", colour: false, writer });
  return openKnownFilters({ folder, clientId: "link", log });
}

function readFile(folder: string): Record<string, string[]> {
  const { filters } = openFile(folder);
  return Object.fromEntries([...filters].map(([broker, known]) => [broker, [...known].sort()]));
}

/** A folder in which this is known. */
async function makeKnown(filters: Readonly<Record<string, readonly string[]>>) {
  const folder = await makeFolder();
  const known = Object.entries(filters).map(([broker, list]) => [broker, new Set(list)] as const);
  await openFile(folder.path).keep(new Map(known));
  return folder;
}

async function enter(broker: ScriptedBroker, sessionPresent = true) {
  const connection = await broker.next();
  await connection.next("connect");
  connection.send({ cmd: "connack", sessionPresent, reasonCode: 0 });
  return connection;
}

async function takeSubscribe(connection: ScriptedConnection) {
  const { subscriptions, messageId = 0 } = await connection.next("subscribe");
  const grant = () => {
    connection.send({ cmd: "suback", messageId, granted: subscriptions.map(({ qos }) => qos) });
  };
  return { filters: subscriptions.map(({ topic }) => topic), grant };
}

async function release(connection: ScriptedConnection): Promise<string[]> {
  const { unsubscriptions, messageId = 0 } = await connection.next("unsubscribe");
  connection.send({ cmd: "unsuback", messageId, granted: unsubscriptions.map(() => 0) });
  return unsubscriptions.sort();
}

describe("what an earlier run has subscribed to", () => {
  test("goes when nobody wants it, after the new is granted", async () => {
    await using broker = await startScriptedBroker();
    const label = toLabel(broker);
    await using folder = await makeKnown({ [label]: ["a/+", "$share/g/a/+", "b"] });
    const knownFilters = openFile(folder.path);
    const subscriptions = subs("a/#", "b");
    await using opened = openLink({ ports: [broker.port], subscriptions, knownFilters });
    const connection = await enter(broker);
    const { filters, grant } = await takeSubscribe(connection);
    expect(filters).toEqual(["a/#", "b"]);
    // A crash from here on leaves too much in the file, never too little.
    expect(readFile(folder.path)).toEqual({ [label]: ["$share/g/a/+", "a/#", "a/+", "b"] });
    expect(connection.waiting("unsubscribe")).toBe(0);
    grant();
    expect(await release(connection)).toEqual(["$share/g/a/+", "a/+"]);
    await opened.link.connected();
    expect(readFile(folder.path)).toEqual({ [label]: ["a/#", "b"] });
  });

  test("is forgotten when the broker has no session any more", async () => {
    await using broker = await startScriptedBroker();
    await using folder = await makeKnown({ [toLabel(broker)]: ["a/+"] });
    const knownFilters = openFile(folder.path);
    const subscriptions = subs("b");
    await using opened = openLink({ ports: [broker.port], subscriptions, knownFilters });
    const connection = await enter(broker, false);
    (await takeSubscribe(connection)).grant();
    await opened.link.connected();
    expect(connection.waiting("unsubscribe")).toBe(0);
    expect(readFile(folder.path)).toEqual({ [toLabel(broker)]: ["b"] });
  });

  test("at another broker of the cluster goes too, and stays known for that one", async () => {
    await using broker = await startScriptedBroker();
    await using folder = await makeKnown({ "mqtt://other:1883": ["a/+"] });
    const knownFilters = openFile(folder.path);
    const subscriptions = subs("b");
    await using opened = openLink({ ports: [broker.port], subscriptions, knownFilters });
    const connection = await enter(broker);
    (await takeSubscribe(connection)).grant();
    expect(await release(connection)).toEqual(["a/+"]);
    await opened.link.connected();
    const kept = { "mqtt://other:1883": ["a/+"], [toLabel(broker)]: ["b"] };
    expect(readFile(folder.path)).toEqual(kept);
  });

  test("goes on the next connection when this one ends before the answer", async () => {
    await using broker = await startScriptedBroker();
    await using folder = await makeKnown({ [toLabel(broker)]: ["a/+"] });
    const knownFilters = openFile(folder.path);
    const subscriptions = subs("b");
    await using opened = openLink({ ports: [broker.port], subscriptions, knownFilters });
    const first = await enter(broker);
    (await takeSubscribe(first)).grant();
    await first.next("unsubscribe");
    first.destroy();
    const second = await enter(broker);
    (await takeSubscribe(second)).grant();
    expect(await release(second)).toEqual(["a/+"]);
    await opened.link.connected();
  });
});

test("what handlers and others subscribe to while the link runs is known", async () => {
  await using broker = await startScriptedBroker();
  await using folder = await makeFolder();
  const knownFilters = openFile(folder.path);
  const subscriptions = subs("a");
  await using opened = openLink({ ports: [broker.port], subscriptions, knownFilters });
  const connection = await enter(broker, false);
  (await takeSubscribe(connection)).grant();
  await opened.link.connected();
  const changed = opened.link.setSubscriptions(subs("b"));
  (await takeSubscribe(connection)).grant();
  await release(connection);
  await changed;
  const plain = opened.link.subscribePlain("c", 0);
  (await takeSubscribe(connection)).grant();
  await plain;
  expect(readFile(folder.path)).toEqual({ [toLabel(broker)]: ["b", "c"] });
});

describe("leaving a group", () => {
  const GROUP = { group: "g", subscriptions: subs("a/+") } as const;

  test("takes the shared filters away, and the file knows them no longer", async () => {
    await using broker = await startScriptedBroker();
    await using folder = await makeFolder();
    const knownFilters = openFile(folder.path);
    await using opened = openLink({ ports: [broker.port], ...GROUP, knownFilters });
    const connection = await enter(broker);
    (await takeSubscribe(connection)).grant();
    expect(await release(connection)).toEqual(["a/+"]);
    await opened.link.connected();
    const left = opened.link.leaveGroup(5_000);
    expect(await release(connection)).toEqual(["$share/g/a/+"]);
    expect(await left).toBe(true);
    expect(readFile(folder.path)).toEqual({});
    await opened.waitForLine(/INFO - left the group 'g'/);
  });

  test("waits for no broker that does not answer", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], ...GROUP, flushTimeoutMs: 20 });
    const connection = await enter(broker, false);
    (await takeSubscribe(connection)).grant();
    await opened.link.connected();
    expect(await opened.link.leaveGroup(5_000)).toBe(false);
    expect((await connection.next("unsubscribe")).unsubscriptions).toEqual(["$share/g/a/+"]);
  });

  test("says nothing without a group, and nothing to nobody", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a") });
    await using offline = openLink({ ports: [1], ...GROUP });
    expect(await offline.link.leaveGroup(5_000)).toBe(false);
    const connection = await enter(broker, false);
    (await takeSubscribe(connection)).grant();
    await opened.link.connected();
    expect(await opened.link.leaveGroup(5_000)).toBe(false);
    expect(connection.waiting("unsubscribe")).toBe(0);
  });
});

describeIf("mosquitto", "on Mosquitto", () => {
  test("a group whose member did not leave it sends no message twice when it is gone", async () => {
    await using mosquitto = await startMosquitto();
    await using folder = await makeFolder();
    const opening = { ports: [mosquitto.port], subscriptions: subs("a/+") };
    const openNext = (group?: string) =>
      openLink({ ...opening, group, knownFilters: openFile(folder.path) });
    const first = openNext("g");
    await first.link.connected();
    await first[Symbol.asyncDispose]();
    await using second = openNext();
    await second.waitForLine(/session resumed/);
    await using device = await connectDevice(mosquitto.port);
    const texts = ["one", "two", "three"];
    for (const text of texts) await device.send("a/x", text);
    const messages = second.link.messages();
    for (const text of texts) {
      const { value } = await messages.next();
      value.done();
      expect(String(value.message.payload)).toBe(text);
    }
  });
});
