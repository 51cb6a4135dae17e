// Who gets a message, how often, with what QoS, and in what order.

import { describe, expect, test } from "bun:test";
import type { ISubscription } from "mqtt-packet";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { payloadsOf, publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";

const PERSISTENT = { clean: false, properties: { sessionExpiryInterval: 60 } };
const SESSIONS = { clean: {}, persistent: PERSISTENT };

/** Sends these messages with nothing in between, and waits until the broker has them all. */
async function publishAtOnce(
  client: RawClient,
  messages: readonly { topic: string; payload: string; qos: 0 | 1 | 2; retain?: boolean }[],
) {
  for (const [at, { retain = false, ...message }] of messages.entries()) {
    client.sendPacket({ cmd: "publish", messageId: at + 1, dup: false, retain, ...message });
  }
  const acknowledged = messages.filter(({ qos }) => qos > 0);
  for (const { qos } of acknowledged) await client.next(qos === 1 ? "puback" : "pubrec");
  await receivedUntilNow(client);
}

const numbers = Array.from({ length: 60 }, (_, at) => at + 1);

describe.each(Object.entries(SESSIONS))("in a %s session", (_name, session) => {
  test("messages of every QoS, in one segment, all arrive in their order", async () => {
    await using broker = await startEmbedded();
    await using subscriber = await broker.connect("subscriber", session);
    await subscribe(subscriber, "a/#", 2);
    await using publisher = await broker.connect("publisher");
    const messages = numbers.map((at) => {
      const qos = (at % 3) as 0 | 1 | 2;
      return { topic: `a/${qos}`, payload: String(at), qos, retain: at % 5 === 0 };
    });
    await publishAtOnce(publisher, messages);
    const received = await receivedUntilNow(subscriber);
    for (const qos of [0, 1, 2] as const) {
      const sent = messages.filter((message) => message.qos === qos);
      const came = received.filter(({ topic }) => topic === `a/${qos}`);
      expect(payloadsOf(came)).toEqual(payloadsOf(sent));
      expect(came.every((message) => message.qos === qos && !message.retain)).toBe(true);
    }
  });

  test("filters that overlap give each message once", async () => {
    await using broker = await startEmbedded();
    await using subscriber = await broker.connect("subscriber", session);
    for (const filter of ["a/#", "a/+", "a/b", "+/b", "#"]) await subscribe(subscriber, filter);
    await using publisher = await broker.connect("publisher");
    const messages = numbers.map((at) => ({ topic: "a/b", payload: String(at), qos: 1 as const }));
    await publishAtOnce(publisher, messages);
    expect(payloadsOf(await receivedUntilNow(subscriber))).toEqual(payloadsOf(messages));
  });

  test("No Local keeps a client's own messages from it, and no others", async () => {
    await using broker = await startEmbedded();
    await using subscriber = await broker.connect("subscriber", session);
    await subscribe(subscriber, "a", { qos: 1, nl: true, rap: false, rh: 0 });
    await using publisher = await broker.connect("publisher");
    const theirs = numbers.map((at) => ({ topic: "a", payload: `their ${at}`, qos: 1 as const }));
    const own = numbers.map((at) => ({ topic: "a", payload: `own ${at}`, qos: 1 as const }));
    await Promise.all([publishAtOnce(publisher, theirs), publishAtOnce(subscriber, own)]);
    expect(payloadsOf(await receivedUntilNow(subscriber))).toEqual(payloadsOf(theirs));
  });

  test("an UNSUBSCRIBE in the middle of a stream costs nothing but its messages", async () => {
    await using broker = await startEmbedded();
    await using subscriber = await broker.connect("subscriber", session);
    await subscribe(subscriber, "a/#");
    await subscribe(subscriber, "b");
    await using publisher = await broker.connect("publisher");
    const messages = numbers.map((at) => {
      return { topic: at % 2 ? "a/b" : "b", payload: String(at), qos: 1 as const };
    });
    subscriber.sendPacket({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["a/#"] });
    await publishAtOnce(publisher, messages);
    await subscriber.next("unsuback");
    const rest = (await receivedUntilNow(subscriber)).filter(({ topic }) => topic === "b");
    expect(payloadsOf(rest)).toEqual(payloadsOf(messages.filter(({ topic }) => topic === "b")));
  });

  test.each(["a/b", "a/+", "a/#", "#", "+/b"])("%s lowers the QoS to its own", async (filter) => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    await publish(publisher, "a/b", { qos: 2, retain: true, payload: "kept" });
    for (const qos of [0, 1, 2] as const) {
      await using subscriber = await broker.connect(`subscriber-${qos}`, session);
      expect(await subscribe(subscriber, filter, qos)).toEqual([qos]);
      const kept = await subscriber.next("publish");
      await publish(publisher, "a/b", { qos: 2, payload: "live" });
      const live = await subscriber.next("publish");
      expect([kept.qos, kept.retain, live.qos, live.retain]).toEqual([qos, true, qos, false]);
    }
  });
});

describe("retained messages", () => {
  test("are given to who subscribes later, until an empty one removes them", async () => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher", { version: 4 });
    await publish(publisher, "a/1", { retain: true, payload: "old" });
    await publish(publisher, "a/1", { retain: true, payload: "new" });
    await publish(publisher, "a/2", { retain: true });
    await publish(publisher, "a/2", { retain: true, payload: "" });
    await publish(publisher, "a/3");
    await using subscriber = await broker.connect("subscriber", { version: 4 });
    await subscribe(subscriber, "a/#");
    const received = await receivedUntilNow(subscriber);
    expect(payloadsOf(received)).toEqual(["new"]);
    expect(received[0]).toMatchObject({ topic: "a/1", retain: true });
  });

  test.each([
    [{ rh: 0 }, ["old", "old", "live true"]],
    [{ rh: 1 }, ["old", "live true"]],
    [{ rh: 2 }, ["live true"]],
    [{ rap: false }, ["old", "old", "live false"]],
  ] as const)("heed the subscription options %j", async (more, expected) => {
    await using broker = await startEmbedded();
    await using publisher = await broker.connect("publisher");
    await publish(publisher, "a", { retain: true, payload: "old" });
    await using subscriber = await broker.connect("subscriber");
    const options: Omit<ISubscription, "topic"> = { qos: 1, nl: false, rap: true, rh: 0, ...more };
    await subscribe(subscriber, "a", options);
    await subscribe(subscriber, "a", options);
    await receivedUntilNow(subscriber);
    await publish(publisher, "a", { retain: true, payload: "live" });
    const received = await receivedUntilNow(subscriber);
    const seen = received.map(({ payload, retain }) => {
      return String(payload) === "live" ? `live ${retain}` : String(payload);
    });
    expect(seen).toEqual([...expected]);
  });
});

test("topics that begin with $ are not for filters that begin with a wildcard", async () => {
  await using broker = await startEmbedded();
  await using subscriber = await broker.connect("subscriber", PERSISTENT);
  for (const filter of ["#", "+/b"]) await subscribe(subscriber, filter);
  await using exact = await broker.connect("exact");
  await subscribe(exact, "$a/#");
  await using publisher = await broker.connect("publisher");
  await publish(publisher, "$a/b", { retain: true });
  await publish(publisher, "a/b");
  expect((await exact.next("publish")).topic).toBe("$a/b");
  await subscribe(subscriber, "#"); // Once more, for the retained ones.
  const topics = (await receivedUntilNow(subscriber)).map(({ topic }) => topic);
  expect(topics).toEqual(["a/b"]);
});

test("empty levels are levels", async () => {
  await using broker = await startEmbedded();
  await using subscriber = await broker.connect("subscriber");
  await using publisher = await broker.connect("publisher");
  await publish(publisher, "a/", { retain: true, payload: "kept" });
  await subscribe(subscriber, "a/+");
  await subscribe(subscriber, "+/+/b");
  await publish(publisher, "a/", { payload: "live" });
  await publish(publisher, "//b", { payload: "slashes" });
  await publish(publisher, "a");
  expect(payloadsOf(await receivedUntilNow(subscriber))).toEqual(["kept", "live", "slashes"]);
});

test("properties pass through, the user property `token` among them", async () => {
  await using broker = await startEmbedded();
  await using subscriber = await broker.connect("subscriber");
  await subscribe(subscriber, "a");
  await using publisher = await broker.connect("publisher");
  const properties = {
    payloadFormatIndicator: true,
    contentType: "application/json",
    responseTopic: "answers",
    correlationData: Buffer.from([0, 1, 255]),
    userProperties: { token: "s3cret", twice: ["one", "two"], text: "two\nlines" },
  };
  await publish(publisher, "a", { properties });
  const received = (await subscriber.next("publish")).properties;
  expect({ ...received, userProperties: { ...received?.userProperties } }).toEqual(properties);
});

test("a topic alias stands for its topic, and is not passed on", async () => {
  await using broker = await startEmbedded();
  await using client = await broker.connect("client");
  await subscribe(client, "a");
  await publish(client, "a", { properties: { topicAlias: 3 } });
  await publish(client, "", { properties: { topicAlias: 3 } });
  const received = await receivedUntilNow(client);
  expect(received.map(({ topic }) => topic)).toEqual(["a", "a"]);
  expect(received.every(({ properties }) => properties?.topicAlias === undefined)).toBe(true);
});

test.each([0, 11, 65_535])("topic alias %p is refused with its reason code", async (topicAlias) => {
  await using broker = await startEmbedded();
  await using client = await broker.connect("client");
  const message = { payload: "x", qos: 0, dup: false, retain: false } as const;
  client.sendPacket({ cmd: "publish", topic: "a", ...message, properties: { topicAlias } });
  expect((await client.next("disconnect")).reasonCode).toBe(0x94);
  await client.closed;
});
