// Subscriptions that change while the link runs, packet by packet.

import { describe, expect, test } from "bun:test";
import type { ISubscribePacket } from "mqtt-packet";
import { openLink, type TestLink } from "../kit/open-link.ts";
import { type ScriptedConnection, startScriptedBroker } from "../kit/scripted-broker.ts";

type Connack = Parameters<ScriptedConnection["accept"]>[0];

const sub = (filter: string, retained: "send" | "new" | "ignore" = "send") => {
  return { filter, qos: 1, retained } as const;
};
const subs = (...filters: string[]) => filters.map((filter) => sub(filter));

/** Takes a SUBSCRIBE and grants it, or answers with this reason code. */
async function grant(connection: ScriptedConnection, reasonCode?: number) {
  const { subscriptions, messageId = 0 } = await connection.next("subscribe");
  const granted = subscriptions.map(({ qos }) => reasonCode ?? qos);
  connection.send({ cmd: "suback", messageId, granted });
  return subscriptions;
}

const filtersOf = (subscriptions: ISubscribePacket["subscriptions"]) => {
  return subscriptions.map(({ topic }) => topic);
};
const handlingOf = (subscriptions: ISubscribePacket["subscriptions"]) => {
  return Object.fromEntries(subscriptions.map(({ topic, rh }) => [topic, rh]));
};

async function release(connection: ScriptedConnection): Promise<string[]> {
  const { unsubscriptions, messageId = 0 } = await connection.next("unsubscribe");
  connection.send({ cmd: "unsuback", messageId, granted: unsubscriptions.map(() => 0) });
  return unsubscriptions;
}

/** A connection that is accepted and asked for everything; gives what it was asked for. */
async function enter(connection: ScriptedConnection, connack: Connack = {}) {
  await connection.next("connect");
  connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0, ...connack });
  return grant(connection);
}

async function waitForRefused(opened: TestLink, refused: readonly string[]): Promise<void> {
  for await (const state of opened.link.states()) {
    if (state.kind === "connected" && Bun.deepEquals(state.refusedFilters, refused)) return;
  }
}

describe("a change", () => {
  test("sends only what differs, and takes away only after the new is granted", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a", "b", "7") });
    const connection = await broker.next();
    expect(filtersOf(await enter(connection)).sort()).toEqual(["7", "a", "b"]);
    const changed = opened.link.setSubscriptions(subs("b", "c/+"));
    const { subscriptions, messageId = 0 } = await connection.next("subscribe");
    expect(filtersOf(subscriptions)).toEqual(["c/+"]);
    expect(connection.waiting("unsubscribe")).toBe(0);
    connection.send({ cmd: "suback", messageId, granted: [1] });
    expect((await release(connection)).sort()).toEqual(["7", "a"]);
    await changed;
  });

  test("back to the same sends nothing, and resolves", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a") });
    const connection = await broker.next();
    await enter(connection);
    await opened.link.connected();
    await opened.link.setSubscriptions(subs("a"));
    expect(connection.waiting("subscribe") + connection.waiting("unsubscribe")).toBe(0);
    expect(opened.link.generation).toBe(1);
  });

  test("to another QoS subscribes again, without what is retained", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a") });
    const connection = await broker.next();
    await enter(connection);
    void opened.link.setSubscriptions([{ ...sub("a"), qos: 2 }]);
    expect(await grant(connection)).toMatchObject([{ topic: "a", qos: 2, rh: 2 }]);
  });

  test("during a change waits for its answer, and several become one", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a") });
    const connection = await broker.next();
    await enter(connection);
    await opened.link.connected();
    const first = opened.link.setSubscriptions(subs("a", "b"));
    const { messageId = 0 } = await connection.next("subscribe");
    const others = ["c", "d", "e"].map((name) => opened.link.setSubscriptions(subs("a", name)));
    expect(connection.waiting("subscribe")).toBe(0);
    connection.send({ cmd: "suback", messageId, granted: [1] });
    await first;
    expect(filtersOf(await grant(connection))).toEqual(["e"]);
    expect(await release(connection)).toEqual(["b"]);
    await Promise.all(others);
  });

  test("while offline resolves at once, and is there at the next connection", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a", "b") });
    const first = await broker.next();
    await enter(first);
    await opened.link.connected();
    first.destroy();
    for await (const { kind } of opened.link.states()) if (kind === "waiting") break;
    await opened.link.setSubscriptions(subs("b", "c"));
    const second = await broker.next();
    const asked = await enter(second, { sessionPresent: true });
    // The one that is new brings what is retained, the one that was there does not.
    expect(handlingOf(asked)).toEqual({ b: 1, c: 0 });
    expect(await release(second)).toEqual(["a"]);
  });

  test("cut short by the end of the connection is done on the next", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a") });
    const first = await broker.next();
    await enter(first);
    await opened.link.connected();
    const changed = opened.link.setSubscriptions(subs("b"));
    await first.next("subscribe");
    first.destroy();
    await changed;
    const second = await broker.next();
    expect(handlingOf(await enter(second, { sessionPresent: true }))).toEqual({ b: 0 });
    expect(await release(second)).toEqual(["a"]);
  });

  test("on a new session has nothing to take away", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a") });
    const first = await broker.next();
    await enter(first);
    await opened.link.connected();
    first.destroy();
    await opened.link.setSubscriptions(subs("b"));
    const second = await broker.next();
    await enter(second);
    await opened.link.connected();
    expect(second.waiting("unsubscribe")).toBe(0);
  });

  test("that the broker refuses is in the state, and gone from it with the filter", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a") });
    const connection = await broker.next();
    await enter(connection);
    await opened.link.connected();
    const refused = opened.link.setSubscriptions(subs("a", "b"));
    await grant(connection, 0x87);
    await refused;
    expect(opened.link.state).toMatchObject({ refusedFilters: ["b"] });
    await opened.waitForLine(/ERROR - .*refused the subscription to 'b'/);
    await opened.link.setSubscriptions(subs("a"));
    await waitForRefused(opened, []);
    // The broker never had it.
    expect(connection.waiting("unsubscribe")).toBe(0);
  });
});

test("a filter named as an option of mqtt.js is subscribed to like others", async () => {
  await using broker = await startScriptedBroker();
  const filters = ["a", "resubscribe", "b"];
  await using opened = openLink({ ports: [broker.port], subscriptions: subs(...filters) });
  const connection = await broker.next();
  const asked = filtersOf(await enter(connection));
  while (asked.length < filters.length) asked.push(...filtersOf(await grant(connection)));
  expect(asked).toEqual(filters);
  await opened.link.connected();
});

test("ten thousand filters go in packets of 500, each within the broker's maximum", async () => {
  await using broker = await startScriptedBroker();
  const toFilter = (_: unknown, at: number) => `devices/${at}/${"x".repeat(at < 500 ? 60 : 1)}`;
  const filters = Array.from({ length: 10_000 }, toFilter);
  const oversized = "y".repeat(9_000);
  await using opened = openLink({
    ports: [broker.port],
    subscriptions: subs(...filters, oversized),
  });
  const connection = await broker.next();
  await connection.next("connect");
  const properties = { maximumPacketSize: 8_192 };
  connection.send({ cmd: "connack", sessionPresent: false, reasonCode: 0, properties });
  const asked: string[] = [];
  while (asked.length < filters.length) {
    const packet = await connection.next("subscribe");
    expect(packet.length ?? 0).toBeLessThan(8_192);
    expect(packet.subscriptions.length).toBeLessThanOrEqual(500);
    asked.push(...filtersOf(packet.subscriptions));
    const granted = packet.subscriptions.map(() => 1);
    connection.send({ cmd: "suback", messageId: packet.messageId ?? 0, granted });
  }
  expect(asked).toEqual(filters);
  await opened.link.connected();
  expect(opened.link.state).toMatchObject({ refusedFilters: [oversized] });
  void opened.link.setSubscriptions([]);
  const released: string[] = [];
  while (released.length < filters.length) released.push(...(await release(connection)));
  expect(released).toEqual(filters);
});

describe("a plain subscription", () => {
  test("joins the handlers' filters, and leaves with the last who holds it", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({
      ports: [broker.port],
      origin: "plant",
      subscriptions: subs("a/#"),
    });
    const connection = await broker.next();
    await enter(connection);
    await opened.link.connected();
    const [covered, one, other] = [
      opened.link.subscribePlain("a/b", 0),
      opened.link.subscribePlain("c", 0),
      opened.link.subscribePlain("c", 0),
    ];
    expect(await grant(connection)).toMatchObject([{ topic: "plant/c", qos: 0, rh: 2 }]);
    (await covered)[Symbol.dispose]();
    (await one)[Symbol.dispose]();
    (await one)[Symbol.dispose]();
    await opened.link.setSubscriptions(subs("a/#"));
    expect(connection.waiting("unsubscribe")).toBe(0);
    (await other)[Symbol.dispose]();
    expect(await release(connection)).toEqual(["plant/c"]);
  });

  test("that the broker refuses rejects, and is wanted no longer", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: subs("a") });
    const connection = await broker.next();
    await enter(connection);
    await opened.link.connected();
    const refused = opened.link.subscribePlain("b", 0).catch((error: { code: string }) => error);
    await grant(connection, 0x87);
    expect(await refused).toMatchObject({ code: "subscribe_refused" });
    await waitForRefused(opened, []);
  });
});
