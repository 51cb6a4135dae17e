// Who is let in, and what each may do: through real password and ACL files, in packets.

import { describe, expect, test } from "bun:test";
import type { IConnectPacket } from "mqtt-packet";
import { ANA, BOSS, startGuarded } from "../kit/guarded-broker.ts";
import { crash } from "../kit/leaving.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectPacket, connectRaw, type RawClient } from "../kit/raw-client.ts";

const KEPT = {
  4: { clean: false },
  5: { clean: false, properties: { sessionExpiryInterval: 600 } },
} as const;

async function knock(port: number, version: 4 | 5, more: Partial<IConnectPacket>) {
  await using client = await connectRaw(port, { version });
  client.sendPacket(connectPacket(version, "client", more));
  const { returnCode, reasonCode, properties } = await client.next("connack");
  await client.closed;
  return { code: version === 5 ? reasonCode : returnCode, properties };
}

/** What the acknowledgement of a message says. */
async function publishCode(client: RawClient, topic: string, qos: 1 | 2) {
  const head = { cmd: "publish", payload: "x", messageId: 9, dup: false, retain: false } as const;
  client.sendPacket({ ...head, topic, qos });
  return (await client.next(qos === 1 ? "puback" : "pubrec")).reasonCode ?? 0;
}

describe.each([4, 5] as const)("MQTT version %p: nobody gets in", (version) => {
  test.each([
    ["with a wrong password", { username: "ana", password: Buffer.from("wrong") }, 0x86, 4],
    ["without a password", { username: "ana" }, 0x86, 4],
    ["with an empty password", { username: "ana", password: Buffer.alloc(0) }, 0x86, 4],
    ["with a name that nobody has", { ...ANA, username: "eve" }, 0x86, 4],
    ["without a user name", {}, 0x87, 5],
  ] as const)("%s", async (_name, login, reasonCode, returnCode) => {
    await using broker = await startGuarded();
    const { code, properties } = await knock(broker.port, version, login);
    expect(code).toBe(version === 5 ? reasonCode : returnCode);
    // Not why: who asks must not learn which names there are.
    expect(properties?.reasonString).toBeUndefined();
    await using ana = await broker.connect("ana", { version, ...ANA });
    await publish(ana, "open/a");
  });

  test("whose will they may not publish [MQTT-3.1.2-9]", async () => {
    await using broker = await startGuarded();
    const will = {
      topic: "open/closed/a",
      payload: Buffer.from("x"),
      qos: 1,
      retain: false,
    } as const;
    const { code } = await knock(broker.port, version, { ...ANA, will });
    expect(code).toBe(version === 5 ? 0x87 : 5);
    const client = await broker.connect("client", {
      ...{ version, ...ANA },
      will: { ...will, topic: "open/a" },
    });
    await crash(broker, client, "client");
    expect(broker.published.map(({ topic }) => topic)).toEqual(["open/a"]);
  });

  test("to take over another's client id, or its session", async () => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("client", { version, ...ANA, ...KEPT[version] });
    await knock(broker.port, version, { username: "ana", password: Buffer.from("wrong") });
    await subscribe(ana, "open/#");
    await publish(ana, "open/a");
    expect(await receivedUntilNow(ana)).toHaveLength(1);
  });
});

describe.each([4, 5] as const)(
  "MQTT version %p: a message to a topic that is denied",
  (version) => {
    test.each([
      [0, 0],
      [1, 0x87],
      [2, 0x87],
    ] as const)("with QoS %p reaches nobody, and is not kept", async (qos, reasonCode) => {
      await using broker = await startGuarded();
      await using boss = await broker.connect("boss", BOSS);
      await subscribe(boss, "#");
      await using ana = await broker.connect("ana", { version, ...ANA });
      for (const topic of ["open/closed/a", "outbox", "elsewhere", "$SYS/broker/uptime"]) {
        if (qos === 0) await publish(ana, topic, { qos, retain: true });
        // MQTT 3.1.1 can not say no: it is acknowledged, and dropped [MQTT-3.3.5-2].
        else expect(await publishCode(ana, topic, qos)).toBe(version === 5 ? reasonCode : 0);
      }
      await publish(ana, "inbox");
      expect((await receivedUntilNow(boss)).map(({ topic }) => topic)).toEqual(["inbox"]);
      await using late = await broker.connect("late", BOSS);
      await subscribe(late, "#");
      expect(await receivedUntilNow(late)).toEqual([]);
      await broker.waitForLog(/client 'ana' was denied 'open\/closed\/a'/);
    });
  },
);

test("a QoS 2 message that was denied is over: its identifier is free", async () => {
  await using broker = await startGuarded();
  await using ana = await broker.connect("ana", ANA);
  expect(await publishCode(ana, "elsewhere", 2)).toBe(0x87);
  await publish(ana, "open/a", { qos: 2 });
  ana.sendPacket({ cmd: "pubrel", messageId: 9 });
  expect((await ana.next("pubcomp")).reasonCode).toBe(0x92);
  expect(await publishCode(ana, "open/a", 2)).toBe(0x10);
});

describe("a filter that is denied", () => {
  test.each([
    ["elsewhere", 0x87],
    ["inbox", 0x87],
    ["$share/group/inbox", 0x87],
    ["open/closed/#", 0x87],
    ["open/a", 1],
    ["$share/group/open/#", 1],
    ["#", 1], // Some of it may be read: its messages are looked at one by one.
    ["+/a", 1],
  ] as const)("%s has the code %p", async (filter, code) => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("ana", ANA);
    expect(await subscribe(ana, filter)).toEqual([code]);
    await using old = await broker.connect("old", { version: 4, ...ANA });
    expect(await subscribe(old, filter)).toEqual([code === 1 ? 1 : 0x80]);
  });

  test("is only said not to have worked where denials are hidden", async () => {
    await using broker = await startGuarded({ isDenialTold: false });
    await using ana = await broker.connect("ana", ANA);
    expect(await subscribe(ana, "elsewhere")).toEqual([0x80]);
    expect(await subscribe(ana, "open/a")).toEqual([1]);
  });

  test("among others has its own code, and the others are granted [MQTT-3.8.4-5]", async () => {
    await using broker = await startGuarded();
    await using ana = await broker.connect("ana", ANA);
    const subscriptions = ["open/a", "elsewhere", "outbox"].map((topic) => {
      return { topic, qos: 2 as const };
    });
    ana.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
    expect((await ana.next("suback")).granted).toEqual([2, 0x87, 2]);
  });
});

describe.each([4, 5] as const)(
  "MQTT version %p: what may not be read is not delivered",
  (version) => {
    test.each(["#", "open/#", "+/+/a", "open/+/a"])("over %s, live or retained", async (filter) => {
      await using broker = await startGuarded();
      await using boss = await broker.connect("boss", BOSS);
      const topics = ["open/closed/a", "open/more/a", "inbox"];
      for (const topic of topics) await publish(boss, topic, { retain: true, payload: "retained" });
      await using ana = await broker.connect("ana", { version, ...ANA });
      expect(await subscribe(ana, filter, 2)).toEqual([2]);
      for (const qos of [0, 1, 2] as const) {
        for (const topic of topics) await publish(boss, topic, { qos, payload: `${qos}` });
      }
      const received = await receivedUntilNow(ana);
      expect(new Set(received.map(({ topic }) => topic))).toEqual(new Set(["open/more/a"]));
      expect(payloadsOf(received)).toEqual(["retained", "0", "1", "2"]);
    });

    test("nor queued for one who is away", async () => {
      await using broker = await startGuarded();
      const session = { version, ...ANA, ...KEPT[version] };
      const ana = await broker.connect("ana", session);
      await subscribe(ana, "#");
      await crash(broker, ana, "ana");
      await using boss = await broker.connect("boss", BOSS);
      for (const topic of ["open/closed/a", "open/a", "inbox"]) await publish(boss, topic);
      await using again = await broker.connect("ana", session);
      expect((await receivedUntilNow(again)).map(({ topic }) => topic)).toEqual(["open/a"]);
    });
  },
);
