// $SYS/broker/…: Mosquitto's names, and figures that are right.

import { describe, expect, test } from "bun:test";
import { startMosquitto } from "../kit/brokers.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";
import { describeIf } from "../kit/suites.ts";
import { OFTEN, ONCE, readTopics, waitForFigures } from "../kit/sys-figures.ts";

/** Topics below $SYS/broker/ of Mosquitto 2.0 that we do not have. */
const NOT_OURS: readonly string[] = [];
/** Those that Mosquitto's manual names, and Mosquitto 2.0 does not publish. */
const OURS_ALONE = ["connections/socket/count", "messages/inflight"];

describeIf("mosquitto", "the names", () => {
  test("are those of Mosquitto on this machine", async () => {
    await using mosquitto = await startMosquitto({ extra: ["sys_interval 1"] });
    await using broker = await startEmbedded(ONCE);
    const connectTo = async (port: number) => {
      const client = await connectRaw(port);
      client.sendPacket(connectPacket(5, "reader"));
      await client.next("connack");
      return client;
    };
    await using theirs = await connectTo(mosquitto.port);
    await subscribe(theirs, "$SYS/#", 0);
    // The averages are published last; with the second round all are there.
    for (const _round of [1, 2]) {
      while ((await theirs.next("publish")).topic !== "$SYS/broker/uptime") {}
    }
    const theirTopics = (await receivedUntilNow(theirs)).map(({ topic }) => topic);
    await using ours = await connectTo(broker.port);
    const ourTopics = new Set(await readTopics(ours));
    expect(theirTopics.length).toBeGreaterThan(40);
    const below = (names: readonly string[]) => names.map((name) => `$SYS/broker/${name}`);
    const missing = [...new Set(theirTopics)].filter((topic) => !ourTopics.has(topic));
    expect(missing).toEqual(below(NOT_OURS));
    const more = [...ourTopics].filter((topic) => !theirTopics.includes(topic));
    expect(more.sort()).toEqual(below(OURS_ALONE));
  });
});

describe("the figures", () => {
  test("are right after known traffic", async () => {
    await using broker = await startEmbedded(OFTEN);
    await using ana = await broker.connect("ana");
    await subscribe(ana, "a/#", 1);
    await subscribe(ana, "$share/group/b", 1);
    const properties = { sessionExpiryInterval: 60 };
    const away = await broker.connect("away", { properties });
    await subscribe(away, "a/1", 1);
    away.sendPacket({ cmd: "disconnect" });
    await away.closed;
    await publish(ana, "a/1", { payload: "12345" }); // To ana, and kept for the other.
    await publish(ana, "a/2", { payload: "123", qos: 0, retain: true });
    await publish(ana, "nobody", { payload: "1234567", qos: 2 });
    await using reader = await broker.connect("reader");
    const figures = await waitForFigures(reader, {
      "clients/total": 3,
      "clients/connected": 2,
      "clients/active": 2,
      "clients/disconnected": 1,
      "clients/inactive": 1,
      "clients/expired": 0,
      "clients/maximum": 2,
      "connections/socket/count": 2,
      "publish/messages/received": 3,
      "publish/bytes/received": 15,
      "publish/messages/dropped": 0,
      "messages/inflight": 1,
      "subscriptions/count": 4,
      "shared_subscriptions/count": 1,
    });
    expect(figures.get("version")).toMatch(/^viaduto version \d+\.\d+\.\d+/);
    expect(figures.get("uptime")).toMatch(/^\d+ seconds$/);
    const heap = ["heap/current", "heap/maximum"].map((name) => Number(figures.get(name)));
    expect(heap[0]).toBeGreaterThan(1_000_000);
    expect(heap[1]).toBeGreaterThanOrEqual(heap[0] ?? Infinity);
    // Those of $SYS are retained, too.
    const retained = Number(figures.get("retained messages/count"));
    expect(retained).toBe(new Set(figures.keys()).size + 1);
    expect(Number(figures.get("messages/stored"))).toBe(retained + 2);
    for (const name of ["messages/received", "bytes/received", "publish/received", "sockets"]) {
      expect(Number(figures.get(`load/${name}/1min`))).toBeGreaterThan(0);
      expect(Number(figures.get(`load/${name}/15min`))).toBeLessThan(
        Number(figures.get(`load/${name}/1min`)),
      );
    }
  });

  test("know what has expired, and what was kept from someone", async () => {
    await using broker = await startEmbedded({ ...OFTEN, queueMessagesMax: 2 });
    const kept = { properties: { sessionExpiryInterval: 60 } };
    const away = await broker.connect("away", kept);
    await subscribe(away, "a", 1);
    await away[Symbol.asyncDispose]();
    const brief = await broker.connect("brief", { properties: { sessionExpiryInterval: 1 } });
    await brief[Symbol.asyncDispose]();
    await broker.waitForLog(/'brief' left/);
    await broker.waitForLog(/'away' left/);
    await using ana = await broker.connect("ana");
    for (const _message of [1, 2, 3, 4, 5]) await publish(ana, "a");
    await using reader = await broker.connect("reader");
    await waitForFigures(reader, { "clients/expired": 1, "publish/messages/dropped": 3 });
  });

  test("are not there with an interval of 0", async () => {
    await using broker = await startEmbedded({ sysIntervalSeconds: 0 });
    await using reader = await broker.connect("reader");
    expect(await readTopics(reader)).toEqual([]);
  });

  test("are told anew only where they changed", async () => {
    await using broker = await startEmbedded(OFTEN);
    await using reader = await broker.connect("reader");
    await subscribe(reader, "$SYS/#", 0);
    const topics: string[] = [];
    while (topics.filter((topic) => topic.endsWith("/uptime")).length < 4) {
      const { topic, retain } = await reader.next("publish");
      if (!retain) topics.push(topic);
    }
    expect(topics).not.toContain("$SYS/broker/version");
    expect(topics.filter((topic) => topic === "$SYS/broker/clients/total").length).toBeLessThan(2);
  });
});
