// $SYS/broker/…: who may read it, and that nobody but the broker writes it.

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { toBrokerPath } from "../../src/store/broker-file.ts";
import { openBrokerStore } from "../../src/store/broker-store.ts";
import { openTestAccess } from "../access/open-access.ts";
import { makeTemporaryFolder } from "../access/temporary-folder.ts";
import { SILENT } from "../kit/broker-settings.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { nextRound, OFTEN, ONCE, readTopics } from "../kit/sys-figures.ts";

const FORGED = { payload: Buffer.from("forged"), qos: 1, retain: true } as const;
const KEPT = { properties: { sessionExpiryInterval: 60 } } as const;

describe("who sees them", () => {
  test("who asks for $SYS, and not who asks for everything", async () => {
    await using broker = await startEmbedded(OFTEN);
    await using asks = await broker.connect("asks");
    await using everything = await broker.connect("everything");
    for (const filter of ["#", "+/broker/uptime", "+/#"]) await subscribe(everything, filter, 0);
    expect(await readTopics(asks, "$SYS/broker/uptime")).toEqual(["$SYS/broker/uptime"]);
    for (const _round of [1, 2]) await nextRound(asks); // What was retained, and a new one.
    expect(await receivedUntilNow(everything)).toEqual([]);
  });

  test("only those who may read them", async () => {
    const acl = "topic #\n\nuser ana\ntopic $SYS/#\n";
    await using opened = await openTestAccess({ acl }, { allowAnonymous: true });
    await using broker = await startEmbedded({ ...ONCE, access: opened.access });
    await using nobody = await broker.connect("nobody");
    expect(await readTopics(nobody)).toEqual([]);
    await using ana = await broker.connect("ana", { username: "ana" });
    expect(await readTopics(ana)).toContain("$SYS/broker/clients/connected");
  });
});

describe("nobody writes them:", () => {
  test.each(["$SYS/broker/uptime", "$SYS/own", "$SYS/", "$SYS"])("%s is refused", async (topic) => {
    await using broker = await startEmbedded(ONCE);
    await using reader = await broker.connect("reader");
    const before = await readTopics(reader);
    await using client = await broker.connect("client");
    for (const [qos, answer] of [
      [1, "puback"],
      [2, "pubrec"],
    ] as const) {
      for (const payload of ["forged", ""]) {
        const packet = { cmd: "publish", messageId: 1, dup: false, retain: true } as const;
        client.sendPacket({ ...packet, topic, payload, qos });
        expect((await client.next(answer)).reasonCode).toBe(0x87);
      }
    }
    await using late = await broker.connect("late");
    expect(await readTopics(late)).toEqual(before);
    expect(await receivedUntilNow(reader)).toHaveLength(before.length);
    expect(broker.published).toEqual([]);
  });

  test.each([3, 4] as const)(
    "version %d has no word for it, and is acknowledged",
    async (version) => {
      await using broker = await startEmbedded(ONCE);
      await using reader = await broker.connect("reader");
      const before = await readTopics(reader);
      await using old = await broker.connect("old", { version });
      await publish(old, "$SYS/broker/uptime", FORGED);
      expect(await receivedUntilNow(reader)).toHaveLength(before.length);
    },
  );

  test("not by a will either", async () => {
    await using broker = await startEmbedded(ONCE);
    await using reader = await broker.connect("reader");
    const before = await readTopics(reader);
    await subscribe(reader, "real", 0);
    const willOf = (topic: string) => ({ will: { topic, ...FORGED } });
    const doomed = await broker.connect("doomed", willOf("$SYS/broker/uptime"));
    const other = await broker.connect("other", willOf("real"));
    await doomed[Symbol.asyncDispose]();
    await broker.waitForLog(/'doomed' left/);
    await other[Symbol.asyncDispose]();
    await broker.waitForLog(/'other' left/);
    const topics = (await receivedUntilNow(reader)).map(({ topic }) => topic);
    expect(topics.slice(before.length)).toEqual(["real"]);
  });

  test("and no disk keeps them", async () => {
    await using folder = await makeTemporaryFolder();
    const store = openBrokerStore({ folder: folder.path, durability: "full", log: SILENT });
    const broker = await startEmbedded({ ...OFTEN, store });
    await using watcher = await broker.connect("watcher", KEPT);
    await subscribe(watcher, "$SYS/#", 1);
    await publish(watcher, "room", { retain: true });
    for (const _round of [1, 2]) await nextRound(watcher);
    await broker[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    using db = new Database(toBrokerPath(folder.path), { readonly: true });
    const topics = (table: string) => db.query(`SELECT topic FROM ${table}`).values().flat();
    expect([topics("retained"), topics("messages")]).toEqual([["room"], []]);
  });
});
