// Message Expiry Interval (MQTT 5 section 3.3.2.3.3): what waited too long is not delivered, and
// what is delivered says how long it is still good for. The clock is set, and nobody waits.

import { afterEach, describe, expect, setSystemTime, test } from "bun:test";
import { Publication } from "../../src/broker/publication.ts";
import { RetainedMessages } from "../../src/broker/retained-messages.ts";
import { TEST_LIMITS } from "../kit/broker-settings.ts";
import { type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { crash } from "../kit/leaving.ts";
import { publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";

const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;

afterEach(() => void setSystemTime());

function passSeconds(seconds: number): void {
  setSystemTime(Date.now() + seconds * 1_000);
}

function expireIn(messageExpiryInterval: number) {
  return { payload: `${messageExpiryInterval}`, properties: { messageExpiryInterval } };
}

/** What has come: how long it was good for when it was published, and what it is now. */
async function intervalsOf(client: RawClient) {
  return (await receivedUntilNow(client)).map(({ payload, properties }) => {
    return [Number(payload), properties?.messageExpiryInterval] as const;
  });
}

async function leaveSubscribed(broker: EmbeddedBroker, session: object): Promise<void> {
  const first = await broker.connect("client", session);
  await subscribe(first, "a", 2);
  await crash(broker, first, "client");
}

describe.each([1, 2] as const)("a message with QoS %p that waits for a client", (qos) => {
  test("counts down, and is dropped when its time is up", async () => {
    await using broker = await startEmbedded();
    await leaveSubscribed(broker, KEPT);
    await using publisher = await broker.connect("publisher");
    for (const seconds of [10, 20, 30])
      await publish(publisher, "a", { qos, ...expireIn(seconds) });
    passSeconds(15);
    await using client = await broker.connect("client", KEPT);
    const received = await intervalsOf(client); // [MQTT-3.3.2-5]
    expect(received.map(([before]) => before)).toEqual([20, 30]);
    for (const [before, now = 0] of received) {
      expect(now).toBeWithin(before - 16, before - 14); // [MQTT-3.3.2-6]
    }
  });

  test("does so in the window of one who is there, too", async () => {
    await using broker = await startEmbedded();
    await using client = await broker.connect("client", { properties: { receiveMaximum: 1 } });
    await subscribe(client, "a", qos);
    await using publisher = await broker.connect("publisher");
    for (const seconds of [5, 10, 20]) await publish(publisher, "a", { qos, ...expireIn(seconds) });
    const { messageId = 0 } = await client.next("publish");
    passSeconds(15);
    if (qos === 2) {
      client.sendPacket({ cmd: "pubrec", messageId });
      await client.next("pubrel");
    }
    client.sendPacket({ cmd: qos === 1 ? "puback" : "pubcomp", messageId });
    expect((await intervalsOf(client)).map(([before]) => before)).toEqual([5, 20]);
  });

  test("was sent before: it comes again, whatever the time", async () => {
    await using broker = await startEmbedded();
    const first = await broker.connect("client", KEPT);
    await subscribe(first, "a", qos);
    await using publisher = await broker.connect("publisher");
    await publish(publisher, "a", { qos, ...expireIn(10) });
    await first.next("publish");
    await crash(broker, first, "client");
    passSeconds(15);
    await using client = await broker.connect("client", KEPT);
    const [message] = await receivedUntilNow(client);
    expect(message).toMatchObject({ dup: true, properties: { messageExpiryInterval: 1 } });
  });
});

test("MQTT 3.1.1 does not see the interval, and gets nothing whose time is up", async () => {
  await using broker = await startEmbedded();
  const session = { version: 4, clean: false } as const;
  await leaveSubscribed(broker, session);
  await using publisher = await broker.connect("publisher");
  for (const seconds of [10, 20]) await publish(publisher, "a", expireIn(seconds));
  passSeconds(15);
  await using client = await broker.connect("client", session);
  expect(await intervalsOf(client)).toEqual([[20, undefined]]);
});

test("a retained message counts down, and is gone when its time is up", async () => {
  await using broker = await startEmbedded();
  await using publisher = await broker.connect("publisher");
  for (const seconds of [10, 20]) {
    await publish(publisher, `a/${seconds}`, { retain: true, ...expireIn(seconds) });
  }
  passSeconds(15);
  await using client = await broker.connect("client");
  await subscribe(client, "a/+");
  const [[before, now = 0] = [0], ...rest] = await intervalsOf(client);
  expect([before, rest]).toEqual([20, []]);
  expect(now).toBeWithin(4, 7);
});

test("an interval of nothing, or of for ever, is one as well", async () => {
  await using broker = await startEmbedded();
  await leaveSubscribed(broker, KEPT);
  await using publisher = await broker.connect("publisher");
  for (const seconds of [0, 0xffff_ffff]) await publish(publisher, "a", expireIn(seconds));
  await using client = await broker.connect("client", KEPT);
  expect(await intervalsOf(client)).toEqual([[0xffff_ffff, 0xffff_ffff]]);
});

test("a message is over at the moment that it names, and a retained one is forgotten then", () => {
  const fields = { topic: "a", payload: Buffer.from("x"), qos: 1, retain: true } as const;
  const publication = new Publication({ ...fields, expiresAtMs: 1_000 });
  expect([999, 1_000].map((nowMs) => publication.isExpired(nowMs))).toEqual([false, true]);
  expect(new Publication(fields).isExpired(Number.MAX_SAFE_INTEGER)).toBe(false);

  const deleted: string[] = [];
  const store = { putRetained() {}, deleteRetained: (topic: string) => void deleted.push(topic) };
  const retained = new RetainedMessages({ limits: TEST_LIMITS, store, onFull() {} });
  retained.put(publication);
  expect([retained.get("a", 999), retained.size, retained.bytes]).toEqual([publication, 1, 1]);
  expect([retained.get("a", 1_000), retained.size, retained.bytes]).toEqual([undefined, 0, 0]);
  expect(deleted).toEqual(["a"]);
});
