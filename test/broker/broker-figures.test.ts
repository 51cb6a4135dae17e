// What the broker says of itself: who was refused, and what did not get to someone, by its cause.

import { expect, test } from "bun:test";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { ANA, startGuarded } from "../kit/guarded-broker.ts";
import { publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import { connectPacket, connectRaw } from "../kit/raw-client.ts";

test("a refused login and a denied message are counted under their names", async () => {
  await using broker = await startGuarded();
  await using stranger = await connectRaw(broker.port, { version: 5 });
  const wrong = { username: "ana", password: Buffer.from("wrong") };
  stranger.sendPacket(connectPacket(5, "stranger", wrong));
  await stranger.closed;
  await using ana = await broker.connect("ana", ANA);
  ana.sendPacket({
    ...{ cmd: "publish", topic: "outbox", payload: "x", qos: 1, messageId: 1 },
    ...{ dup: false, retain: false },
  } as const);
  await ana.next("puback");
  const { statistics, connectedClients } = broker.broker.figures();
  expect(statistics.refusedLoginCount).toBe(1);
  expect(statistics.droppedByCause).toMatchObject({ denied: 1, queue_full: 0 });
  expect(connectedClients).toBe(1);
});

test("what is too large for its reader, and what there is no room to keep", async () => {
  await using broker = await startEmbedded({ retainedMessagesMax: 1 });
  await using reader = await broker.connect("reader", { properties: { maximumPacketSize: 50 } });
  await using sender = await broker.connect("sender");
  await subscribe(reader, "a/#", 0);
  await publish(sender, "a/large", { payload: "x".repeat(100) });
  await publish(sender, "a/1", { retain: true });
  await publish(sender, "a/2", { retain: true });
  expect((await receivedUntilNow(reader)).map(({ topic }) => topic)).toEqual(["a/1", "a/2"]);
  const figures = broker.broker.figures();
  expect(figures.statistics.droppedByCause).toMatchObject({ too_large: 1, retained_full: 1 });
  expect(figures.statistics.droppedCount).toBe(2);
  expect(figures).toMatchObject({ retainedMessages: 1, subscriptions: 1, connectedClients: 2 });
});
