// A broker that comes back after a crash: messages that were under way go on where they were, in
// both directions (MQTT 5 sections 4.1 and 4.4).

import { describe, expect, test } from "bun:test";
import { makeDataFolder } from "../kit/kept-broker.ts";
import {
  nextMessages,
  payloadsOf,
  publish,
  receivedUntilNow,
  settle,
  subscribe,
} from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";

const KEPT = {
  4: { version: 4, clean: false },
  5: { version: 5, clean: false, properties: { sessionExpiryInterval: 600 } },
} as const;

/** What PUBACK and PUBREC say, sent for packets that came. */
function answer(client: RawClient, cmd: "puback" | "pubrec" | "pubcomp", messageId = 0): void {
  client.sendPacket({ cmd, messageId });
}

describe.each([4, 5] as const)("MQTT version %p: after a crash", (version) => {
  const session = KEPT[version];

  test("the queue comes in order, with its identifiers, and DUP where it was sent", async () => {
    await using data = makeDataFolder();
    await using before = await data.start({ inflightMessagesMax: 3 });
    await using first = await before.connect("subscriber", session);
    await subscribe(first, "a", 2);
    await using publisher = await before.connect("publisher");
    const qos = [1, 2, 1, 2, 1] as const;
    for (const [at, one] of qos.entries())
      await publish(publisher, "a", { qos: one, payload: `${at}` });
    const sent = await nextMessages(first, 3);
    expect(payloadsOf(sent)).toEqual(["0", "1", "2"]);
    await receivedUntilNow(publisher);
    data.crash();

    await using after = await data.start();
    await using second = await after.connect("subscriber", session);
    expect(second.packets[0]).toMatchObject({ sessionPresent: true }); // [MQTT-3.2.2-2]
    const again = await nextMessages(second, 5);
    expect(payloadsOf(again)).toEqual(["0", "1", "2", "3", "4"]);
    expect(again.map((one) => one.qos)).toEqual([...qos]);
    expect(again.map(({ dup }) => dup)).toEqual([true, true, true, false, false]);
    // [MQTT-4.4.0-1]
    expect(again.slice(0, 3).map(({ messageId }) => messageId)).toEqual(
      sent.map(({ messageId }) => messageId),
    );
  });

  test("of a QoS 2 message that the client has, the PUBREL alone comes again", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    await using first = await before.connect("subscriber", session);
    await subscribe(first, "a", 2);
    await using publisher = await before.connect("publisher");
    for (const payload of ["received", "done", "sent"]) {
      await publish(publisher, "a", { qos: 2, payload });
    }
    const [received, done, sent] = await nextMessages(first, 3);
    answer(first, "pubrec", received?.messageId);
    answer(first, "pubrec", done?.messageId);
    for (let at = 0; at < 2; at++) await first.next("pubrel");
    answer(first, "pubcomp", done?.messageId);
    await settle(publisher);
    data.crash();

    await using after = await data.start();
    await using second = await after.connect("subscriber", session);
    expect((await second.next("pubrel")).messageId).toBe(received?.messageId ?? 0);
    const again = await receivedUntilNow(second);
    expect(payloadsOf(again)).toEqual(["sent"]);
    expect(again[0]).toMatchObject({ dup: true, messageId: sent?.messageId });
    answer(second, "pubcomp", received?.messageId);
    answer(second, "pubrec", sent?.messageId);
    expect((await second.next("pubrel")).messageId).toBe(sent?.messageId ?? 0);
    answer(second, "pubcomp", sent?.messageId);
    await settle(second);
    expect(data.countRows()).toEqual({ sessions: 1, subscriptions: 1 });
  });

  test("a QoS 2 message of a client is published once, however often it comes", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    await using first = await before.connect("publisher", session);
    const message = { cmd: "publish", topic: "a", payload: "x", qos: 2, retain: false } as const;
    first.sendPacket({ ...message, messageId: 7, dup: false });
    await first.next("pubrec");
    data.crash();

    await using after = await data.start();
    await using second = await after.connect("publisher", session);
    second.sendPacket({ ...message, messageId: 7, dup: true });
    await second.next("pubrec");
    expect(after.published).toHaveLength(0); // [MQTT-4.3.3-10]
    second.sendPacket({ cmd: "pubrel", messageId: 7 });
    expect((await second.next("pubcomp")).reasonCode ?? 0).toBe(0);
    second.sendPacket({ ...message, messageId: 7, dup: false });
    await second.next("pubrec");
    expect(after.published).toHaveLength(1);
  });

  test("what was acknowledged does not come again, and leaves nothing on the disk", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    await using publisher = await before.connect("publisher");
    for (const id of ["one", "two"]) {
      await using client = await before.connect(id, session);
      await subscribe(client, "a");
    }
    await before.waitForLog(/'two' left/);
    for (let at = 0; at < 100; at++) await publish(publisher, "a", { payload: `${at}` });
    expect(data.countRows()).toMatchObject({ messages: 100, queue: 100 });
    {
      await using one = await before.connect("one", session);
      for (const { messageId } of await nextMessages(one, 100)) answer(one, "puback", messageId);
      await settle(one);
    }
    expect(data.countRows()).toMatchObject({ messages: 100, queue: 100 });
    data.crash();

    await using after = await data.start();
    await using one = await after.connect("one", session);
    expect(await receivedUntilNow(one)).toEqual([]);
    await using two = await after.connect("two", session);
    const received = await nextMessages(two, 100);
    expect(payloadsOf(received)).toEqual(Array.from({ length: 100 }, (_, at) => `${at}`));
    for (const { messageId } of received) answer(two, "puback", messageId);
    await settle(two);
    expect(data.countRows()).toEqual({ sessions: 2, subscriptions: 2 });
  });

  test("a session that was ended is gone, with all it had", async () => {
    await using data = makeDataFolder();
    await using before = await data.start();
    await using first = await before.connect("client", session);
    await subscribe(first, "a");
    await publish(first, "a");
    first.sendPacket({
      cmd: "publish",
      topic: "b",
      payload: "",
      qos: 2,
      messageId: 7,
      dup: false,
      retain: false,
    });
    await first.next("pubrec");
    expect(Object.keys(data.countRows())).toHaveLength(4);
    await using second = await before.connect("client", { version, clean: true });
    await settle(second);
    expect(data.countRows()).toEqual({});
  });
});
