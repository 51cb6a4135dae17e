// Topic aliases in both directions (MQTT 5 sections 3.1.2.11.5 and 3.3.2.3.4).

import { describe, expect, test } from "bun:test";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { crash } from "../kit/leaving.ts";
import { publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";

/** Topic and alias of each message that has come. */
async function aliasesOf(client: RawClient) {
  return (await receivedUntilNow(client)).map(({ topic, properties }) => {
    return [topic, properties?.topicAlias];
  });
}

function sendAlias(client: RawClient, topic: string, topicAlias: number): void {
  const head = { cmd: "publish", topic, payload: "x", qos: 0 } as const;
  client.sendPacket({ ...head, dup: false, retain: false, properties: { topicAlias } });
}

/** PUBLISH with QoS 0, an empty topic and this alias, in bytes. */
function sendBareAlias(client: RawClient, alias: number): void {
  client.send(Buffer.of(0x30, 6, 0, 0, 3, 0x23, alias >> 8, alias & 0xff));
}

describe("to a client", () => {
  test("the topic comes once with its alias, and then the alias alone", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { properties: { topicAliasMaximum: 2 } });
    await subscribe(client, "#");
    for (const topic of ["a", "a", "b", "c", "a", "b", "c"]) await publish(client, topic);
    // [MQTT-3.1.2-26] never more than two; who comes late has none.
    expect(await aliasesOf(client)).toEqual([
      ...[
        ["a", 1],
        ["", 1],
        ["b", 2],
        ["c", undefined],
      ],
      ...[
        ["", 1],
        ["", 2],
        ["c", undefined],
      ],
    ]);
  });

  test.each([
    ["that allows none", {}],
    ["that says nothing", undefined],
  ])("%s none is sent [MQTT-3.1.2-27]", async (_name, more) => {
    await using broker = await startEmbedded();
    const properties = more ? { topicAliasMaximum: 0 } : {};
    await using client = await broker.connect("client", { properties });
    await subscribe(client, "#");
    for (let at = 0; at < 2; at++) await publish(client, "a");
    expect(await aliasesOf(client)).toEqual([
      ["a", undefined],
      ["a", undefined],
    ]);
  });

  test("never more than the broker's own limit", async () => {
    await using broker = await startEmbedded({ topicAliasesMax: 1 });
    await using client = await broker.connect("client", { properties: { topicAliasMaximum: 9 } });
    await subscribe(client, "#");
    for (const topic of ["a", "b", "a"]) await publish(client, topic);
    expect(await aliasesOf(client)).toEqual([
      ["a", 1],
      ["b", undefined],
      ["", 1],
    ]);
  });

  test("a new connection starts anew, also with what comes again", async () => {
    await using broker = await startEmbedded();
    const properties = { topicAliasMaximum: 2, sessionExpiryInterval: 600 };
    const first = await broker.connect("client", { clean: false, properties });
    await subscribe(first, "#");
    for (const topic of ["a", "a"]) await publish(first, topic);
    expect(await aliasesOf(first)).toEqual([
      ["a", 1],
      ["", 1],
    ]);
    await crash(broker, first, "client");
    await using second = await broker.connect("client", { clean: false, properties });
    await publish(second, "b");
    expect(await aliasesOf(second)).toEqual([
      ["a", 1],
      ["", 1],
      ["b", 2],
    ]);
  });

  test("what is too large for it takes no alias that it would not know", async () => {
    await using broker = await startEmbedded();
    const properties = { topicAliasMaximum: 2, maximumPacketSize: 60 };
    await using client = await broker.connect("client", { properties });
    await subscribe(client, "#");
    await publish(client, "a", { payload: Buffer.alloc(100) });
    for (const topic of ["b", "a"]) await publish(client, topic);
    expect(await aliasesOf(client)).toEqual([
      ["b", 1],
      ["a", 2],
    ]);
  });
});

describe("from a client", () => {
  test("an alias stands for the topic that came with it last", async () => {
    await using broker = await startEmbedded({ topicAliasesMax: 2 });
    await using client = await broker.connect("client");
    expect(client.packets[0]).toMatchObject({ properties: { topicAliasMaximum: 2 } });
    for (const [topic, alias] of [
      ["a", 1],
      ["b", 2],
      ["c", 1],
    ] as const) {
      sendAlias(client, topic, alias);
      sendBareAlias(client, alias);
    }
    sendBareAlias(client, 2);
    await receivedUntilNow(client);
    const topics = broker.published.map(({ topic }) => topic);
    expect(topics).toEqual(["a", "a", "b", "b", "c", "c", "b"]);
  });

  test.each([
    ["unknown", 1],
    ["zero", 0],
    ["larger than we said", 3],
  ])("one that is %s ends the connection with 0x94", async (_name, alias) => {
    await using broker = await startEmbedded({ topicAliasesMax: 2 });
    await using client = await broker.connect("client");
    sendBareAlias(client, alias);
    expect((await client.next("disconnect")).reasonCode).toBe(0x94);
    await client.closed;
    if (alias === 1) return; // With a topic it is a good one.
    await using other = await broker.connect("other");
    sendAlias(other, "a", alias);
    expect((await other.next("disconnect")).reasonCode).toBe(0x94);
    expect(broker.published).toEqual([]);
  });

  test("a new connection knows none of the one before", async () => {
    await using broker = await startEmbedded();
    const session = { clean: false, properties: { sessionExpiryInterval: 600 } };
    const first = await broker.connect("client", session);
    sendAlias(first, "a", 1);
    await receivedUntilNow(first);
    await crash(broker, first, "client");
    await using second = await broker.connect("client", session);
    sendBareAlias(second, 1);
    expect((await second.next("disconnect")).reasonCode).toBe(0x94);
  });

  test("none is allowed when the limit is 0", async () => {
    await using broker = await startEmbedded({ topicAliasesMax: 0 });
    await using client = await broker.connect("client");
    expect(client.packets[0]).not.toHaveProperty("properties.topicAliasMaximum");
    sendAlias(client, "a", 1);
    expect((await client.next("disconnect")).reasonCode).toBe(0x94);
  });
});
