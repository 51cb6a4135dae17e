// What a broker still knows when it comes back: subscriptions, retained messages, wills, and how
// long sessions last. And what it does with a file that it cannot use.

import { Database } from "bun:sqlite";
import { afterEach, describe, expect, setSystemTime, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Publication } from "../../src/broker/publication.ts";
import { toBrokerPath } from "../../src/store/broker-file.ts";
import { openBrokerStore } from "../../src/store/broker-store.ts";
import { SILENT } from "../kit/broker-settings.ts";
import { makeDataFolder } from "../kit/kept-broker.ts";
import {
  nextMessages,
  payloadsOf,
  publish,
  receivedUntilNow,
  settle,
  subscribe,
} from "../kit/messages.ts";

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;
const WILL = { topic: "will", payload: Buffer.from("gone"), qos: 1, retain: false } as const;

afterEach(() => void setSystemTime());

test("subscriptions come back with their options and identifiers", async () => {
  await using data = makeDataFolder();
  await using before = await data.start();
  await using first = await before.connect("client", KEPT);
  const subscribeWith = async (topic: string, options: object, identifier?: number) => {
    const subscriptions = [{ topic, qos: 1 as const, ...options }];
    const properties = identifier === undefined ? {} : { subscriptionIdentifier: identifier };
    first.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions, properties });
    await first.next("suback");
  };
  await subscribeWith("plain/#", { qos: 2 }, 300);
  await subscribeWith("plain/a", {}, 7);
  await subscribeWith("local", { nl: true });
  await subscribeWith("retain", { rap: true });
  await subscribeWith("$share/group/shared", {}, 9);
  await subscribeWith("gone", {});
  first.sendPacket({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["gone"] });
  await first.next("unsuback");
  data.crash();

  await using after = await data.start();
  await using second = await after.connect("client", KEPT);
  const topics = ["plain/a", "local", "retain", "shared", "gone"];
  for (const topic of topics) await publish(second, topic, { qos: 2, retain: topic === "retain" });
  const received = (await receivedUntilNow(second)).map(({ topic, qos, retain, properties }) => {
    return [topic, qos, retain, properties?.subscriptionIdentifier];
  });
  expect(received).toEqual([
    ["plain/a", 2, false, [300, 7]],
    ["retain", 1, true, undefined],
    ["shared", 1, false, 9],
  ]);
});

test("retained messages come back whole; those that were removed do not", async () => {
  await using data = makeDataFolder();
  await using before = await data.start();
  await using publisher = await before.connect("publisher");
  const properties = {
    payloadFormatIndicator: true,
    contentType: "text/plain",
    responseTopic: "answer",
    correlationData: Buffer.of(0, 1, 255),
    userProperties: Object.assign(Object.create(null), { a: ["1", "2"], b: "3" }),
  };
  await publish(publisher, "kept", { retain: true, qos: 2, payload: "é", properties });
  await publish(publisher, "short", { retain: true, properties: { messageExpiryInterval: 60 } });
  await publish(publisher, "long", { retain: true, properties: { messageExpiryInterval: 600 } });
  await publish(publisher, "gone", { retain: true });
  await publish(publisher, "gone", { retain: true, payload: "" });
  data.crash();

  setSystemTime(Date.now() + 100_000);
  await using after = await data.start();
  await using reader = await after.connect("reader");
  await subscribe(reader, "#", 2);
  const received = await receivedUntilNow(reader);
  expect(received.map(({ topic }) => topic).sort()).toEqual(["kept", "long"]);
  const kept = received.find(({ topic }) => topic === "kept");
  expect(kept).toMatchObject({ payload: Buffer.from("é"), qos: 2, retain: true });
  expect(kept?.properties).toEqual(properties);
  const long = received.find(({ topic }) => topic === "long");
  expect(long?.properties?.messageExpiryInterval).toBeWithin(490, 501);
  await settle(reader); // A message whose time is over has no place on the disk either.
  expect(data.countRows()).toEqual({ retained: 2 });
});

describe("the will of a client that a crash has cut off", () => {
  test("is published after the restart, to those who are away, and once", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    await using watcher = await before.connect("watcher", KEPT);
    await subscribe(watcher, "will");
    await using client = await before.connect("client", { will: { ...WILL, retain: true } });
    await settle(client);
    data.crash();

    for (const turn of [1, 2]) {
      await using after = await data.start();
      await using again = await after.connect("watcher", KEPT);
      const [{ payload, messageId = 0 }] = (await nextMessages(again, 1)) as [never];
      expect([turn, String(payload)]).toEqual([turn, "gone"]);
      if (turn === 2) again.sendPacket({ cmd: "puback", messageId });
      await settle(again);
      expect(await receivedUntilNow(again)).toHaveLength(1);
      expect(data.countRows()).not.toHaveProperty("wills");
    }
  });

  test("is not published when the client is back before its delay, nor later", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    const will = { ...WILL, properties: { willDelayInterval: 600 } };
    await using client = await before.connect("client", { ...KEPT, will });
    await settle(client);
    data.crash();
    {
      await using after = await data.start();
      await using second = await after.connect("client", KEPT);
      expect(second.packets[0]).toMatchObject({ sessionPresent: true });
      await settle(second);
      expect(data.countRows()).toEqual({ sessions: 1 });
    }
  });

  test("is kept when the will of a client that it took over was published", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    await using first = await before.connect("client", { ...KEPT, will: WILL });
    const payload = Buffer.from("of the second");
    await using second = await before.connect("client", { ...KEPT, will: { ...WILL, payload } });
    await first.closed;
    await subscribe(second, "will");
    data.crash();
    await using after = await data.start();
    await using watcher = await after.connect("client", KEPT);
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["of the second"]);
  });

  test("waits for its delay once more", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    const will = { ...WILL, properties: { willDelayInterval: 600, contentType: "a/b" } };
    await using client = await before.connect("client", { ...KEPT, will });
    await settle(client);
    data.crash();
    for (let turn = 1; turn <= 2; turn++) {
      await using after = await data.start();
      await using watcher = await after.connect("watcher");
      await subscribe(watcher, "will");
      await settle(watcher);
      expect(await receivedUntilNow(watcher)).toEqual([]);
    }
    await using store = openBrokerStore({ folder: data.path, durability: "full", log: SILENT });
    expect(store.load((fields) => new Publication(fields)).wills).toEqual([
      { ...WILL, clientId: "client", delaySeconds: 600, properties: { contentType: "a/b" } },
    ]);
  });
});

describe("the time of a session", () => {
  test.each([
    ["counts from when its client left, over the restart", 601, false],
    ["is not over a second before", 599, true],
  ] as const)("%s", async (_name, laterSeconds, isPresent) => {
    await using data = makeDataFolder();
    {
      await using before = await data.start();
      await using client = await before.connect("client", KEPT);
      await subscribe(client, "a");
      client.sendPacket({ cmd: "disconnect" });
      await client.closed;
      await before.waitForLog(/'client' left/);
    }
    setSystemTime(Date.now() + laterSeconds * 1_000);
    await using after = await data.start();
    await using again = await after.connect("client", KEPT);
    expect(again.packets[0]).toMatchObject({ sessionPresent: isPresent });
    await publish(again, "a");
    expect(await receivedUntilNow(again)).toHaveLength(Number(isPresent));
  });

  test("is whole when its client was there at the crash: nobody knows when that was", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    await using client = await before.connect("client", KEPT);
    await subscribe(client, "a");
    data.crash();
    setSystemTime(Date.now() + 10_000_000);
    await using after = await data.start();
    await using again = await after.connect("client", KEPT);
    expect(again.packets[0]).toMatchObject({ sessionPresent: true });
  });
});

test("a clean stop leaves one file, and a second start has all of it", async () => {
  await using data = makeDataFolder();
  for (let turn = 0; turn < 3; turn++) {
    {
      await using broker = await data.start();
      await using client = await broker.connect("client", KEPT);
      await publish(client, `${turn}`, { retain: true });
    }
    expect(readdirSync(data.path)).toEqual(["broker.sqlite"]);
    expect(data.countRows()).toEqual({ sessions: 1, retained: turn + 1 });
  }
});

describe("a file that cannot be used is refused and stays as it was:", () => {
  const damages: Record<string, (file: string) => void> = {
    "no database": (file) => writeFileSync(file, "these are my notes"),
    "garbage in the middle": (file) => {
      writeFileSync(file, readFileSync(file).fill(0xab, 4_096, 20_480));
    },
    "of a newer version": (file) => changeFile(file, "PRAGMA user_version = 1000"),
    "another program's": (file) => changeFile(file, "PRAGMA application_id = 7"),
  };

  test.each(Object.entries(damages))("%s", async (_name, damage) => {
    await using data = makeDataFolder();
    {
      await using broker = await data.start();
      await using client = await broker.connect("client", KEPT);
      for (let at = 0; at < 50; at++) {
        await publish(client, `${at}`, { retain: true, payload: Buffer.alloc(1_000, "x") });
      }
    }
    const file = toBrokerPath(data.path);
    damage(file);
    const content = readFileSync(file);
    await expect(data.start()).rejects.toMatchObject({ code: "store_unusable", facts: { file } });
    expect(readFileSync(file).equals(content)).toBe(true);
  });
});

function changeFile(file: string, sql: string): void {
  using db = new Database(file);
  db.run(sql);
}
