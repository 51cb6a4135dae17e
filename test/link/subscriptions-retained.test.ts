// Which retained messages the link asks for, and whom those that come are meant for.

import { describe, expect, test } from "bun:test";
import { NOBODY } from "../../src/link/retained-answers.ts";
import { openLink } from "../kit/open-link.ts";
import { type ScriptedConnection, startScriptedBroker } from "../kit/scripted-broker.ts";

const sub = (filter: string, retained: "send" | "new" | "ignore" = "send") => {
  return { filter, qos: 1, retained } as const;
};
const ONE_OF_EACH = [sub("s", "send"), sub("n", "new"), sub("i", "ignore")];

async function enter(connection: ScriptedConnection, sessionPresent: boolean, version = 5) {
  await connection.next("connect");
  const accepted = version === 5 ? { reasonCode: 0 } : { returnCode: 0 };
  connection.send({ cmd: "connack", sessionPresent, ...accepted });
  return grant(connection);
}

async function grant(connection: ScriptedConnection) {
  const { subscriptions, messageId = 0 } = await connection.next("subscribe");
  connection.send({ cmd: "suback", messageId, granted: subscriptions.map(({ qos }) => qos) });
  return Object.fromEntries(subscriptions.map(({ topic, rh }) => [topic, rh]));
}

function send(connection: ScriptedConnection, topic: string, retain = true): void {
  connection.send({ cmd: "publish", topic, payload: "x", qos: 0, dup: false, retain });
}

describe("Retain Handling", () => {
  test("of a new session asks for all but what is ignored", async () => {
    await using broker = await startScriptedBroker();
    await using _opened = openLink({ ports: [broker.port], subscriptions: ONE_OF_EACH });
    expect(await enter(await broker.next(), false)).toEqual({ s: 0, n: 1, i: 2 });
  });

  test("of a session from before this process asks again: its memory is lost", async () => {
    await using broker = await startScriptedBroker();
    await using _opened = openLink({ ports: [broker.port], subscriptions: ONE_OF_EACH });
    expect(await enter(await broker.next(), true)).toEqual({ s: 0, n: 1, i: 2 });
  });

  test("of a session that this process comes back to asks for nothing again", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: ONE_OF_EACH });
    const first = await broker.next();
    await enter(first, false);
    await opened.link.connected();
    first.destroy();
    expect(await enter(await broker.next(), true)).toEqual({ s: 1, n: 1, i: 2 });
  });

  test("asks again at the second connection when the first was cut before SUBACK", async () => {
    await using broker = await startScriptedBroker();
    await using _opened = openLink({ ports: [broker.port], subscriptions: ONE_OF_EACH });
    const first = await broker.next();
    await first.next("connect");
    first.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
    await first.next("subscribe");
    first.destroy();
    expect(await enter(await broker.next(), true)).toEqual({ s: 0, n: 1, i: 2 });
  });
});

describe("a handler that is new", () => {
  test("gets what is retained below a filter that is subscribed already", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: [sub("a/#")] });
    const connection = await broker.next();
    await enter(connection, false);
    await opened.link.connected();
    void opened.link.setSubscriptions([sub("a/#"), sub("a/b")]);
    expect(await grant(connection)).toEqual({ "a/#": 0 });
    expect(connection.waiting("unsubscribe")).toBe(0);
  });

  test("of the same filter gets it when it is said to be fresh", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: ONE_OF_EACH });
    const connection = await broker.next();
    await enter(connection, false);
    await opened.link.connected();
    // Of these the broker knows the one that asks for "new" already.
    const changed = opened.link.setSubscriptions(ONE_OF_EACH, ONE_OF_EACH);
    expect(await grant(connection)).toEqual({ s: 0 });
    await changed;
    const added = [...ONE_OF_EACH, sub("x", "new"), sub("y", "ignore")];
    void opened.link.setSubscriptions(added);
    expect(await grant(connection)).toEqual({ x: 0, y: 2 });
  });
});

describe("a retained message", () => {
  test("of the first connection is for all, one for a new handler only for those", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: [sub("a")] });
    const messages = opened.link.messages();
    const connection = await broker.next();
    await enter(connection, false);
    send(connection, "a");
    const all = { retainedSince: 0, isNewSubscription: true };
    expect((await messages.next()).value).toMatchObject(all);
    void opened.link.setSubscriptions([sub("a"), sub("b")]);
    await grant(connection);
    send(connection, "b");
    expect((await messages.next()).value).toMatchObject({ ...all, retainedSince: 1 });
    // The SUBSCRIBE before has brought its own already.
    void opened.link.setSubscriptions([sub("a"), sub("b")], [sub("b")]);
    await grant(connection);
    send(connection, "b");
    const again = { retainedSince: 2, isNewSubscription: false };
    expect((await messages.next()).value).toMatchObject(again);
  });

  test("that is sent live is for all", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: [sub("a")] });
    const connection = await broker.next();
    await enter(connection, false);
    await opened.link.connected();
    void opened.link.setSubscriptions([sub("a")], [sub("a")]);
    await grant(connection);
    send(connection, "a", false);
    const { value } = await opened.link.messages().next();
    expect(value).toMatchObject({ retainedSince: 0, isNewSubscription: false });
  });

  test("that a plain subscription asks for is for no handler, and comes once", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: [sub("a/#")] });
    const messages = opened.link.messages();
    const first = await broker.next();
    await enter(first, false);
    await opened.link.connected();
    send(first, "a/b");
    expect((await messages.next()).value).toMatchObject({ retainedSince: 0 });
    void opened.link.subscribePlain("a/b", 1, "send");
    // The handlers' filter covers it, and is asked for again.
    expect(await grant(first)).toEqual({ "a/#": 0 });
    send(first, "a/b");
    expect((await messages.next()).value).toMatchObject({ retainedSince: NOBODY });
    first.destroy();
    const second = await broker.next();
    expect(await enter(second, true)).toEqual({ "a/#": 1 });
  });

  test("that was asked for while there is no connection comes with the next", async () => {
    await using broker = await startScriptedBroker();
    await using opened = openLink({ ports: [broker.port], subscriptions: [sub("a")] });
    void opened.link.subscribePlain("b", 1, "send");
    void opened.link.subscribePlain("c", 1, "ignore");
    expect(await enter(await broker.next(), false)).toEqual({ a: 0, b: 0, c: 2 });
  });

  test("of MQTT 3.1.1 that comes because of a change or a return is for nobody", async () => {
    await using broker = await startScriptedBroker();
    const subscriptions = [sub("a")];
    await using opened = openLink({ ports: [broker.port], subscriptions, version: 4 });
    const messages = opened.link.messages();
    const first = await broker.next();
    await enter(first, false, 4);
    await opened.link.connected();
    void opened.link.subscribePlain("b", 0);
    await grant(first);
    send(first, "b");
    expect((await messages.next()).value).toMatchObject({ retainedSince: NOBODY });
  });
});
