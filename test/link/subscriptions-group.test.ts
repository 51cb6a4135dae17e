// Handlers that share their messages with a group, packet by packet.

import { describe, expect, test } from "bun:test";
import { openLink } from "../kit/open-link.ts";
import { type ScriptedConnection, startScriptedBroker } from "../kit/scripted-broker.ts";

const SUBSCRIPTIONS = [{ filter: "a/+", qos: 1, retained: "send" }] as const;
const GROUP = { origin: "plant", group: "g", subscriptions: SUBSCRIPTIONS } as const;

async function grant(connection: ScriptedConnection, reasonCode = 1) {
  const { subscriptions, messageId = 0 } = await connection.next("subscribe");
  const granted = subscriptions.map(() => reasonCode);
  connection.send({ cmd: "suback", messageId, granted });
  return subscriptions;
}

describe("a group", () => {
  test("shares the handlers' filters, below the origin, but not the plain ones", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], ...GROUP });
    const connection = await broker.next();
    await connection.next("connect");
    connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
    // [MQTT-3.8.3-4] No Local on a shared subscription is a protocol error.
    const shared = { topic: "$share/g/plant/a/+", qos: 1, nl: false, rh: 2 };
    expect(await grant(connection)).toMatchObject([shared]);
    await opened.link.connected();
    const plain = opened.link.subscribePlain("a/b", 0);
    expect(await grant(connection)).toMatchObject([{ topic: "plant/a/b", qos: 0 }]);
    await plain;
    void opened.link.setSubscriptions([]);
    const { unsubscriptions } = await connection.next("unsubscribe");
    expect(unsubscriptions).toEqual(["$share/g/plant/a/+"]);
  });

  test("takes away what the same session had subscribed to without it", async () => {
    await using broker = await startScriptedBroker();
    await using _opened = openLink({ ports: [broker.port], ...GROUP });
    const connection = await broker.next();
    await connection.next("connect");
    connection.send({ cmd: "connack", sessionPresent: true, reasonCode: 0 });
    await grant(connection);
    expect((await connection.next("unsubscribe")).unsubscriptions).toEqual(["plant/a/+"]);
  });

  test("is not asked for when CONNACK says that there are none", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], ...GROUP });
    const properties = { sharedSubscriptionAvailable: false };
    for (let times = 0; times < 2; times++) {
      const connection = await broker.next();
      await connection.next("connect");
      connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0, properties });
      await opened.link.connected();
      expect(opened.link.state).toMatchObject({ refusedFilters: ["$share/g/plant/a/+"] });
      expect(connection.waiting("subscribe")).toBe(0);
      connection.destroy();
      for await (const { kind } of opened.link.states()) if (kind !== "connected") break;
    }
    const told = opened.lines.filter((line) => /ERROR - .*no shared subscriptions/.test(line));
    expect(told).toHaveLength(1);
  });

  test("that SUBACK refuses is told in words of its own", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], ...GROUP });
    const connection = await broker.next();
    await connection.next("connect");
    connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
    await grant(connection, 0x9e);
    await opened.link.connected();
    expect(opened.link.state).toMatchObject({ refusedFilters: ["$share/g/plant/a/+"] });
    await opened.waitForLine(/ERROR - .*no shared subscriptions, so --group cannot work/);
    expect(opened.lines.join()).not.toContain("refused the subscription");
  });

  test("on MQTT 3.1.1 is told to be a hope", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], ...GROUP, version: 4 });
    await (await broker.next()).accept();
    await opened.waitForLine(/WARN - .*can not say whether it shares .*'g'/);
  });
});

describe("beside a group, what a plain subscription brings", () => {
  const handled = Buffer.from("handled");

  test("is for no handler: their copy comes to one of the group", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], ...GROUP });
    const connection = await broker.next();
    await connection.next("connect");
    connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
    await grant(connection);
    await opened.link.connected();
    const request = { topic: "ask", payload: Buffer.from("?"), qos: 1, retain: false } as const;
    const asked = opened.link.request(request, { timeoutMs: 5_000, replyTopic: "a/b" });
    const { properties, messageId = 0, subscriptions } = await connection.next("subscribe");
    expect({ properties, filter: subscriptions[0]?.topic }).toEqual({
      properties: { subscriptionIdentifier: 1 },
      filter: "plant/a/b",
    });
    connection.send({ cmd: "suback", messageId, granted: [0] });
    await connection.next("publish");
    const reply = {
      cmd: "publish",
      topic: "plant/a/b",
      retain: false,
      dup: false,
      qos: 0,
    } as const;
    const payload = Buffer.from("42");
    connection.send({ ...reply, payload, properties: { subscriptionIdentifier: 1 } });
    connection.send({ ...reply, payload: handled });
    expect(String((await asked).payload)).toBe("42");
    const messages = opened.link.messages();
    const next = await messages.next();
    expect(next.value?.message.payload).toEqual(handled);
  });

  test("is not told apart where the broker knows no identifiers", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], ...GROUP });
    const connection = await broker.next();
    await connection.next("connect");
    const limits = { subscriptionIdentifiersAvailable: false };
    connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0, properties: limits });
    await grant(connection);
    await opened.link.connected();
    const plain = opened.link.subscribePlain("a/b", 0);
    const { properties, messageId = 0 } = await connection.next("subscribe");
    expect(properties).toBeUndefined();
    connection.send({ cmd: "suback", messageId, granted: [0] });
    await plain;
  });
});
