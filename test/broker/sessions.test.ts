// Sessions over several connections: what is kept, what is forgotten, and who holds a client id.

import { describe, expect, test } from "bun:test";
import { connectWitness, type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { nextMessages, payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";

const KEPT = {
  4: { version: 4, clean: false },
  5: { version: 5, clean: false, properties: { sessionExpiryInterval: 60 } },
} as const;

describe.each([4, 5] as const)("MQTT version %p", (version) => {
  const session = KEPT[version];

  test("messages wait for a client that is away, and come in their order", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    const first = await broker.connect("subscriber", session);
    await subscribe(first, "a/#");
    await first[Symbol.asyncDispose]();
    await broker.waitForLog(/'subscriber' left/);
    const payloads = Array.from({ length: 50 }, (_, at) => String(at));
    for (const payload of payloads) await publish(publisher, `a/${payload}`, { payload });
    await publish(publisher, "a/0", { payload: "QoS 0 does not wait", qos: 0 });

    await using second = await broker.connect("subscriber", session);
    expect(second.packets[0]).toMatchObject({ cmd: "connack", sessionPresent: true });
    const received = await nextMessages(second, payloads.length);
    expect(payloadsOf(received)).toEqual(payloads);
    expect(received.every(({ dup, retain }) => !dup && !retain)).toBe(true);
  });

  test("what was not acknowledged comes again, marked so, and nothing else does", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    const first = await broker.connect("subscriber", session);
    await subscribe(first, "a", 2);
    for (const payload of ["one", "two"]) await publish(publisher, "a", { payload });
    await publish(publisher, "a", { payload: "three", qos: 2 });
    await publish(publisher, "a", { payload: "four", qos: 2 });
    const [one, , three] = await receivedUntilNow(first);
    first.sendPacket({ cmd: "puback", messageId: one?.messageId ?? 0 });
    first.sendPacket({ cmd: "pubrec", messageId: three?.messageId ?? 0 });
    await first.next("pubrel"); // For this one, only the PUBREL is to come again.
    first.destroy();
    await broker.waitForLog(/'subscriber' left/);

    await using second = await broker.connect("subscriber", session);
    expect((await second.next("publish")).payload.toString()).toBe("two");
    expect((await second.next("pubrel")).messageId).toBe(three?.messageId ?? 0);
    expect((await second.next("publish")).payload.toString()).toBe("four");
    const again = await receivedUntilNow(second);
    expect(again.map(({ dup }) => dup)).toEqual([true, true]);
  });

  test("a clean start forgets filters and messages", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    const first = await broker.connect("subscriber", session);
    await subscribe(first, "a");
    first.destroy();
    await broker.waitForLog(/'subscriber' left/);
    await publish(publisher, "a", { payload: "old" });

    await using second = await broker.connect("subscriber", { ...session, clean: true });
    expect(second.packets[0]).toMatchObject({ sessionPresent: false });
    await publish(publisher, "a", { payload: "new" });
    expect(await receivedUntilNow(second)).toEqual([]);
  });

  test("a session keeps its filters when its client comes back at once", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    const first = await broker.connect("subscriber", session);
    await subscribe(first, "a");
    first.destroy();
    for (let turn = 1; turn <= 20; turn++) {
      const client = await broker.connect("subscriber", session);
      await publish(publisher, "a", { payload: String(turn) });
      const { messageId = 0 } = await client.next("publish");
      client.sendPacket({ cmd: "puback", messageId });
      await receivedUntilNow(client);
      client.destroy(); // The next one does not wait until the broker has seen this.
    }
    expect(broker.published).toHaveLength(20);
  });

  test("a session that is taken over goes on at the new connection", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    await using first = await broker.connect("subscriber", session);
    await subscribe(first, "a");
    await using second = await broker.connect("subscriber", session);
    if (version === 5) expect((await first.next("disconnect")).reasonCode).toBe(0x8e);
    await first.closed;
    expect(second.packets[0]).toMatchObject({ sessionPresent: true });
    await publish(publisher, "a", { payload: "for the second" });
    expect((await second.next("publish")).payload.toString()).toBe("for the second");
    second.destroy();
    await broker.waitForConnections(1);
    await publish(publisher, "a", { payload: "for the third" });
    await using third = await broker.connect("subscriber", session);
    expect(payloadsOf(await nextMessages(third, 2))).toEqual(["for the second", "for the third"]);
  });

  test("of 300 connections with one client id one is left, and it is served", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    const clients = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const client = await connectRaw(broker.port, { version });
        client.sendPacket(connectPacket(version, "same"));
        return client;
      }),
    );
    await broker.waitForConnections(2);
    const isOpen = await Promise.all(
      clients.map(async (client) => {
        client.sendPacket({ cmd: "pingreq" });
        return client.next("pingresp").then(
          () => true,
          () => false,
        );
      }),
    );
    expect(isOpen.filter(Boolean)).toHaveLength(1);
    await using next = await broker.connect("same", { version });
    await broker.waitForConnections(2);
    await subscribe(next, "a");
    await witness.check();
  });
});

test("a queue that is full takes no more, and the log says so once", async () => {
  await using broker = await startEmbedded({ room: () => undefined, onPublish: () => {} });
  await using publisher = await broker.connect("publisher");
  await subscribeAndLeave(broker);
  const payload = Buffer.alloc(1_000_000);
  for (let at = 0; at < 70; at++) await publish(publisher, "a", { payload });
  expect(broker.logLines.filter((line) => /'subscriber' is full/.test(line))).toHaveLength(1);
  await using second = await broker.connect("subscriber", KEPT[5]);
  const fitting = Math.floor((64 << 20) / payload.length);
  await nextMessages(second, fitting);
  await publish(publisher, "a", { payload: "live" });
  expect((await second.next("publish")).payload.toString()).toBe("live");
});

/** A subscriber of `a` whose session is kept, and who is away. */
async function subscribeAndLeave(broker: EmbeddedBroker): Promise<void> {
  const first = await broker.connect("subscriber", KEPT[5]);
  await subscribe(first, "a");
  first.destroy();
  await broker.waitForLog(/'subscriber' left/);
}

test("a session that ends with its connection still gets what waited for it", async () => {
  await using broker = await startEmbedded();
  await using publisher = await broker.connect("publisher");
  await subscribeAndLeave(broker);
  await publish(publisher, "a", { payload: "waited" });
  await using second = await broker.connect("subscriber", { clean: false });
  expect((await second.next("publish")).payload.toString()).toBe("waited");
  second.sendPacket({ cmd: "disconnect" });
  await broker.waitForConnections(1);
  await using third = await broker.connect("subscriber", { clean: false });
  expect(third.packets[0]).toMatchObject({ sessionPresent: false });
});

test("a message that waited says how long it is still good for", async () => {
  await using broker = await startEmbedded();
  await using publisher = await broker.connect("publisher");
  await subscribeAndLeave(broker);
  await publish(publisher, "a", { payload: "long", properties: { messageExpiryInterval: 100 } });
  await using second = await broker.connect("subscriber", KEPT[5]);
  const message = await second.next("publish");
  expect(message.properties?.messageExpiryInterval).toBeWithin(90, 101);
});

describe("a will", () => {
  const will = { topic: "will", payload: Buffer.from("gone"), qos: 1, retain: true } as const;

  test.each([3, 4, 5] as const)("is published when version %p breaks off", async (version) => {
    await using broker = await startEmbedded();
    await using watcher = await broker.connect("watcher");
    await subscribe(watcher, "will");
    const client = await broker.connect("client", { version, will });
    client.destroy();
    expect(await watcher.next("publish")).toMatchObject({ topic: "will", qos: 1, retain: false });
    await using late = await broker.connect("late");
    await subscribe(late, "will");
    expect((await late.next("publish")).retain).toBe(true);
  });

  test("is not published after DISCONNECT, but after DISCONNECT with 0x04", async () => {
    await using broker = await startEmbedded();
    for (const reasonCode of [0, 4]) {
      const client = await broker.connect("client", { will });
      client.sendPacket({ cmd: "disconnect", reasonCode });
      await client.closed;
      await broker.waitForConnections(0);
    }
    expect(broker.published).toHaveLength(1);
  });

  test("with a delay has its other properties, and not the delay", async () => {
    await using broker = await startEmbedded();
    await using watcher = await broker.connect("watcher");
    await subscribe(watcher, "will");
    const properties = { willDelayInterval: 1, contentType: "text/plain" };
    const session = { properties: { sessionExpiryInterval: 1 } };
    const client = await broker.connect("client", { ...session, will: { ...will, properties } });
    client.destroy();
    const message = await watcher.next("publish");
    expect(Object.keys(message.properties ?? {})).toEqual(["contentType"]);
  });

  test("to $SYS or of 150 levels is dropped", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    const topic = "$SYS/x/new/clients";
    const client = await broker.connect("client", { will: { ...will, topic } });
    client.destroy();
    await broker.waitForLog(/'client' left/);
    await witness.check();
    expect(broker.published.map((packet) => packet.topic)).not.toContain(topic);
  });
});

test("who leaves as soon as it came is away, and takes no share of others", async () => {
  await using broker = await startEmbedded();
  await using worker = await broker.connect("worker");
  await subscribe(worker, "$share/group/jobs");
  for (let at = 0; at < 100; at++) {
    await using hasty = await connectRaw(broker.port);
    const kept = { clean: false, properties: { sessionExpiryInterval: 60 } };
    hasty.sendPacket(connectPacket(5, `hasty ${at}`, kept));
    hasty.destroy();
  }
  await broker.waitForConnections(1);
  expect(broker.broker.clients().map(({ id }) => id)).toEqual(["worker"]);
  for (let at = 0; at < 10; at++) await publish(worker, "jobs", { payload: `${at}` });
  expect(payloadsOf(await receivedUntilNow(worker))).toHaveLength(10);
});
