// SUBSCRIBE and UNSUBSCRIBE: identifiers, options and codes (MQTT 5 sections 3.8 to 3.11).

import { describe, expect, test } from "bun:test";
import type { ISubscription } from "mqtt-packet";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { crash } from "../kit/leaving.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;

type Options = Partial<Omit<ISubscription, "topic">>;

/** Subscribes with a subscription identifier. */
async function identify(client: RawClient, topic: string, identifier?: number, more: Options = {}) {
  const properties = identifier === undefined ? {} : { subscriptionIdentifier: identifier };
  const subscriptions = [{ topic, qos: 1 as const, ...more }];
  client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions, properties });
  await client.next("suback");
}

/** The identifiers of each message that has come. */
async function identifiersOf(client: RawClient): Promise<(readonly number[])[]> {
  return (await receivedUntilNow(client)).map(({ properties }) => {
    const identifiers = properties?.subscriptionIdentifier;
    return identifiers === undefined ? [] : [identifiers].flat().sort((a, b) => a - b);
  });
}

describe("subscription identifiers", () => {
  test("of all filters that match come in one message [MQTT-3.3.4-3], [MQTT-3.3.4-4]", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    await identify(client, "a/#", 1);
    await identify(client, "a/+", 268_435_455);
    await identify(client, "a/b", 128);
    await identify(client, "+/b");
    await identify(client, "c", 5);
    for (const qos of [0, 1, 2] as const) await publish(client, "a/b", { qos });
    await publish(client, "x/b");
    const all = [1, 128, 268_435_455];
    expect(await identifiersOf(client)).toEqual([all, all, all, []]);
  });

  test("come with retained messages: that of the filter that asked", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    await publish(client, "a/b", { retain: true });
    await identify(client, "a/#", 1);
    await identify(client, "a/b", 2);
    expect(await identifiersOf(client)).toEqual([[1], [2]]);
  });

  test("are replaced, or taken away, by subscribing again", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    for (const identifier of [1, 2, undefined]) {
      await identify(client, "a", identifier);
      await publish(client, "a");
    }
    expect(await identifiersOf(client)).toEqual([[1], [2], []]);
  });

  test("are kept with the session, for what waits and for what comes", async () => {
    await using broker = await startEmbedded();
    const first = await broker.connect("client", KEPT);
    await identify(first, "a", 7);
    await crash(broker, first, "client");
    await using publisher = await broker.connect("publisher");
    await publish(publisher, "a");
    await using second = await broker.connect("client", KEPT);
    await publish(publisher, "a");
    expect(await identifiersOf(second)).toEqual([[7], [7]]);
  });

  test("are not sent to MQTT 3.1.1, and are each client's own", async () => {
    await using broker = await startEmbedded();
    await using one = await broker.connect("one");
    await using two = await broker.connect("two");
    await using old = await broker.connect("old", { version: 4 });
    await identify(one, "a", 1);
    await identify(two, "a", 2);
    await subscribe(old, "a");
    await publish(old, "a");
    expect(await identifiersOf(one)).toEqual([[1]]);
    expect(await identifiersOf(two)).toEqual([[2]]);
    expect(payloadsOf(await receivedUntilNow(old))).toEqual(["x"]);
  });
});

describe("No Local", () => {
  test("of one filter does not count for another that overlaps [MQTT-3.8.3-3]", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    await using other = await broker.connect("other");
    await identify(client, "a/#", 1, { nl: true, qos: 2 });
    await identify(client, "a/b", 2, { qos: 1 });
    await publish(client, "a/b", { qos: 2, payload: "own" });
    await publish(client, "a/c", { qos: 2, payload: "own, of No Local alone" });
    await publish(other, "a/b", { qos: 2, payload: "other's" });
    const received = await receivedUntilNow(client);
    expect(received.map(({ payload, qos }) => [String(payload), qos])).toEqual([
      ["own", 1],
      ["other's", 2],
    ]);
    expect(await identifiersOf(client)).toEqual([[2], [1, 2]]);
  });

  test("goes by the client id, over connections", async () => {
    await using broker = await startEmbedded();
    const first = await broker.connect("client", KEPT);
    await identify(first, "a", undefined, { nl: true });
    await crash(broker, first, "client");
    await using second = await broker.connect("client", KEPT);
    await publish(second, "a");
    expect(await receivedUntilNow(second)).toEqual([]);
  });

  test("makes no message wanted: PUBACK says that nobody is", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    await identify(client, "a", undefined, { nl: true });
    const head = { cmd: "publish", topic: "a", payload: "x", messageId: 7 } as const;
    client.sendPacket({ ...head, qos: 1, dup: false, retain: false });
    expect((await client.next("puback")).reasonCode).toBe(0x10);
  });
});

describe("subscribing again", () => {
  test("replaces QoS and options, and gives each message once [MQTT-3.8.4-3]", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    await using publisher = await broker.connect("publisher");
    const seen: unknown[] = [];
    for (const options of [{ qos: 2, rap: true }, { qos: 0 }, { qos: 1, nl: true }] as const) {
      await identify(client, "a", undefined, options);
      for (const one of [publisher, client]) {
        await publish(one, "a", { qos: 2, retain: true, payload: one === client ? "own" : "x" });
      }
      const all = await receivedUntilNow(client);
      const live = all.slice(seen.length);
      seen.push(...live);
    }
    const facts = (await receivedUntilNow(client)).map(({ payload, qos, retain }) => {
      return `${payload} ${qos}${retain ? " retained" : ""}`;
    });
    expect(facts).toEqual([
      ...["x 2 retained", "own 2 retained"],
      ...["own 0 retained", "x 0", "own 0"], // The first is what was retained.
      ...["own 1 retained", "x 1"],
    ]);
  });

  test("loses no message that comes meanwhile [MQTT-3.8.4-4]", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    await using publisher = await broker.connect("publisher");
    await subscribe(client, "a");
    const publishing = (async () => {
      for (let at = 0; at < 100; at++) await publish(publisher, "a", { payload: `${at}` });
    })();
    for (let at = 0; at < 20; at++) await subscribe(client, "a", 2);
    await publishing;
    const expected = Array.from({ length: 100 }, (_, at) => `${at}`);
    expect(payloadsOf(await receivedUntilNow(client))).toEqual(expected);
  });
});

describe("Retain Handling", () => {
  test.each([
    [0, 2],
    [1, 1],
    [2, 0],
  ] as const)("%p gives %p of two, new and then known", async (rh, count) => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client");
    await publish(client, "a", { retain: true });
    for (let turn = 0; turn < 2; turn++) await identify(client, "a", undefined, { rh });
    expect(await receivedUntilNow(client)).toHaveLength(count);
  });

  test("1 knows the filters of a session that was kept, and not those that were left", async () => {
    await using broker = await startEmbedded();
    const first = await broker.connect("client", KEPT);
    await publish(first, "a", { retain: true });
    await identify(first, "a", undefined, { rh: 2 });
    await crash(broker, first, "client");
    await using second = await broker.connect("client", KEPT);
    await identify(second, "a", undefined, { rh: 1 });
    expect(await receivedUntilNow(second)).toEqual([]);
    second.sendPacket({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["a"] });
    await second.next("unsuback");
    await identify(second, "a", undefined, { rh: 1 });
    expect(await receivedUntilNow(second)).toHaveLength(1);
  });
});
