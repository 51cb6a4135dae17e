// Shared subscriptions (MQTT 5 section 4.8.2): each message has one receiver, and none is lost when
// a member leaves.

import { describe, expect, test } from "bun:test";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { crash, leave } from "../kit/leaving.ts";
import { nextMessages, payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;
const KEPT_4 = { version: 4, clean: false } as const;
const JOBS = "$share/workers/jobs/#";

/** Publishes these payloads in turn, and waits until the broker has them. */
async function publishAll(publisher: RawClient, payloads: readonly string[], qos: 0 | 1 | 2 = 1) {
  for (const payload of payloads) await publish(publisher, "jobs/1", { payload, qos });
  await receivedUntilNow(publisher);
}

function acknowledge(client: RawClient, cmd: "puback" | "pubrec" | "pubcomp", messageId = 0): void {
  client.sendPacket({ cmd, messageId });
}

describe("messages of a group", () => {
  test.each([0, 1, 2] as const)("with QoS %p are spread in turn, each to one", async (qos) => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    await using old = await broker.connect("old", { version: 4 });
    await using one = await broker.connect("one");
    await using two = await broker.connect("two");
    for (const member of [old, one, two]) expect(await subscribe(member, JOBS, 2)).toEqual([2]);
    await publishAll(publisher, ["1", "2", "3", "4", "5", "6"], qos);
    const received = await Promise.all([old, one, two].map(receivedUntilNow));
    expect(received.map(payloadsOf)).toEqual([
      ["1", "4"],
      ["2", "5"],
      ["3", "6"],
    ]);
    expect(received.flat().every((message) => message.qos === qos)).toBe(true);
  });

  test("go to each group once, and to who subscribes plainly as well", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    await using one = await broker.connect("one");
    await using two = await broker.connect("two");
    for (const filter of [JOBS, "$share/others/jobs/+", "jobs/1"]) await subscribe(one, filter);
    await subscribe(two, "$share/others/jobs/+");
    await publishAll(publisher, ["1", "2"]);
    expect(payloadsOf(await receivedUntilNow(one)).sort()).toEqual(["1", "1", "1", "2", "2"]);
    expect(payloadsOf(await receivedUntilNow(two))).toEqual(["2"]);
  });

  test("have the QoS, the identifier and the options of the member that gets them", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    const members = [await broker.connect("one"), await broker.connect("two")];
    for (const [at, member] of members.entries()) {
      const options = { qos: at as 0 | 1, rap: at === 1 };
      const properties = { subscriptionIdentifier: at + 1 };
      const subscriptions = [{ topic: JOBS, ...options }];
      member.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions, properties });
      await member.next("suback");
    }
    for (let at = 0; at < 2; at++) await publish(publisher, "jobs/1", { retain: true });
    const received = await Promise.all(members.map(receivedUntilNow));
    const facts = received.flat().map(({ qos, retain, properties }) => {
      return [qos, retain, properties?.subscriptionIdentifier];
    });
    expect(facts).toEqual([
      [0, false, 1],
      [1, true, 2],
    ]);
    for (const member of members) member.destroy();
  });

  test("pass over a member that has not acknowledged what it may have", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    await using slow = await broker.connect("slow", { properties: { receiveMaximum: 1 } });
    await using quick = await broker.connect("quick");
    for (const member of [slow, quick]) await subscribe(member, JOBS);
    await publishAll(publisher, ["1", "2", "3", "4"]);
    expect(payloadsOf(await receivedUntilNow(slow))).toEqual(["1"]);
    expect(payloadsOf(await receivedUntilNow(quick))).toEqual(["2", "3", "4"]);
    acknowledge(slow, "puback", (await slow.next("publish")).messageId);
    await receivedUntilNow(slow);
    await publishAll(publisher, ["5", "6"]);
    expect(payloadsOf(await receivedUntilNow(slow))).toEqual(["1", "5"]);
  });
});

describe("what a member has not acknowledged goes to another when it leaves", () => {
  test.each([
    ["with DISCONNECT", leave, {}],
    ["in a crash", crash, {}],
    ["with DISCONNECT, its session kept,", leave, KEPT],
    ["in a crash, its session kept,", crash, KEPT],
    ["in a crash, with MQTT 3.1.1,", crash, KEPT_4],
  ] as const)("%s", async (_name, go, session) => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    const first = await broker.connect("first", session);
    await subscribe(first, JOBS);
    await publishAll(publisher, ["1", "2", "3"]);
    const [one] = await nextMessages(first, 3);
    acknowledge(first, "puback", one?.messageId);
    await receivedUntilNow(first);
    await using second = await broker.connect("second");
    await subscribe(second, JOBS);
    await go(broker, first, "first");
    const received = await nextMessages(second, 2);
    expect(payloadsOf(received)).toEqual(["2", "3"]);
    expect(received.every(({ dup }) => !dup)).toBe(true); // For this client it is the first time.
    await using again = await broker.connect("first", session);
    expect(await receivedUntilNow(again)).toEqual([]);
  });

  test("but not with QoS 2 what was sent to it: nobody else may have it", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    const first = await broker.connect("first", {
      ...KEPT,
      properties: { ...KEPT.properties, receiveMaximum: 1 },
    });
    await subscribe(first, JOBS, 2);
    await publishAll(publisher, ["sent", "not sent"], 2);
    await using second = await broker.connect("second");
    await subscribe(second, JOBS, 2);
    await crash(broker, first, "first");
    expect(payloadsOf(await nextMessages(second, 1))).toEqual(["not sent"]);
    expect(await receivedUntilNow(second)).toHaveLength(1);
    await using again = await broker.connect("first", KEPT);
    expect(payloadsOf(await receivedUntilNow(again))).toEqual(["sent"]); // [MQTT-4.8.2-4]
    again.sendPacket({ cmd: "disconnect", properties: { sessionExpiryInterval: 0 } });
    await again.closed;
    await using last = await broker.connect("first");
    await receivedUntilNow(last);
    expect(await receivedUntilNow(second)).toHaveLength(1); // [MQTT-4.8.2-5]
  });

  // [MQTT-3.10.4-3] what it has begun to get it gets to the end.
  test.each([1, 2] as const)("with UNSUBSCRIBE, QoS %p: what was not sent to it", async (qos) => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    await using first = await broker.connect("first", { properties: { receiveMaximum: 2 } });
    await subscribe(first, JOBS, 2);
    await publishAll(publisher, ["1", "2", "3", "4"], qos);
    await using second = await broker.connect("second");
    await subscribe(second, JOBS, 2);
    first.sendPacket({ cmd: "unsubscribe", messageId: 2, unsubscriptions: [JOBS] });
    await first.next("unsuback");
    expect(payloadsOf(await nextMessages(second, 2))).toEqual(["3", "4"]);
    expect(await receivedUntilNow(second)).toHaveLength(2);

    // Its window is whole again as soon as it has acknowledged the two.
    for (const { messageId } of await nextMessages(first, 2)) {
      acknowledge(first, qos === 1 ? "puback" : "pubrec", messageId);
      if (qos === 1) continue;
      await first.next("pubrel");
      acknowledge(first, "pubcomp", messageId);
    }
    await subscribe(first, "plain");
    for (const payload of ["5", "6"]) await publish(publisher, "plain", { payload });
    expect(payloadsOf(await nextMessages(first, 2))).toEqual(["5", "6"]);
  });
});

describe("when all members are away", () => {
  test("messages wait in a session that is kept, and each comes once", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    for (const id of ["one", "two", "fleeting"]) {
      const member = await broker.connect(id, id === "fleeting" ? {} : KEPT);
      await subscribe(member, JOBS);
      await crash(broker, member, id);
    }
    await publishAll(publisher, ["1", "2", "3", "4"]);
    await using one = await broker.connect("one", KEPT);
    await using two = await broker.connect("two", KEPT);
    const received = [await receivedUntilNow(one), await receivedUntilNow(two)];
    expect(payloadsOf(received.flat()).sort()).toEqual(["1", "2", "3", "4"]);
  });

  test("and one of the sessions ends, another has what waited in it", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    for (const id of ["one", "two"]) {
      const member = await broker.connect(id, KEPT);
      await subscribe(member, JOBS);
      await crash(broker, member, id);
    }
    await publishAll(publisher, ["1", "2", "3", "4"]);
    await using one = await broker.connect("one", { clean: true });
    expect(await receivedUntilNow(one)).toEqual([]);
    await using two = await broker.connect("two", KEPT);
    expect(payloadsOf(await receivedUntilNow(two)).sort()).toEqual(["1", "2", "3", "4"]);
  });

  test("a message without a session to wait in is for nobody, and PUBACK says so", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    const member = await broker.connect("fleeting");
    await subscribe(member, JOBS);
    await crash(broker, member, "fleeting");
    publisher.sendPacket({
      ...{ cmd: "publish", topic: "jobs/1", payload: "x", qos: 1, messageId: 1 },
      ...{ dup: false, retain: false },
    } as const);
    expect((await publisher.next("puback")).reasonCode).toBe(0x10);
  });
});

describe("a shared subscription", () => {
  test("is not denied by CONNACK, and gets no retained messages", async () => {
    await using broker = await startEmbedded();
    await using member = await broker.connect("member");
    const [connack] = member.packets;
    expect(connack).toMatchObject({ cmd: "connack" });
    expect(connack).not.toHaveProperty("properties.sharedSubscriptionAvailable");
    await publish(member, "jobs/1", { retain: true });
    for (const rh of [0, 1] as const) {
      await subscribe(member, JOBS, { qos: 1, nl: false, rap: false, rh });
    }
    expect(await receivedUntilNow(member)).toEqual([]);
  });

  // [MQTT-4.8.2-1], [MQTT-4.8.2-2]
  test.each(["$share//x", "$share/g", "$share/g/", "$share/g+/x", "$share/#/x"])(
    "%s is refused",
    async (topic) => {
      await using broker = await startEmbedded();
      const subscriptions = [{ topic, qos: 1 as const }];
      await using member = await broker.connect("member");
      member.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
      const hasWildcard = /[+#]/.test(topic);
      expect((await member.next("disconnect")).reasonCode).toBe(hasWildcard ? 0x81 : 0x82);
      await using old = await broker.connect("old", { version: 4 });
      old.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
      // For MQTT 3.1.1 a wildcard in a level makes the whole packet malformed.
      if (hasWildcard) await old.closed;
      else expect((await old.next("suback")).granted).toEqual([0x80]);
    },
  );
});
