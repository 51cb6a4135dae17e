// When a will is published, and when it is not (MQTT 5 sections 3.1.2.5 and 3.1.3.2.2).

import { describe, expect, test } from "bun:test";
import { type ConnectMore, type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { crash, leave } from "../kit/leaving.ts";
import { nextMessages, payloadsOf, receivedUntilNow, subscribe } from "../kit/messages.ts";

const WILL = { topic: "will", payload: Buffer.from("gone"), qos: 1, retain: false } as const;

/** A will after so many seconds, in a session that lasts as long as it is said. */
function withDelay(willDelayInterval: number, sessionExpiryInterval: number): ConnectMore {
  const will = { ...WILL, properties: { willDelayInterval } };
  return { clean: false, will, properties: { sessionExpiryInterval } };
}

async function connectWatcher(broker: EmbeddedBroker) {
  const watcher = await broker.connect("watcher");
  await subscribe(watcher, "will");
  return watcher;
}

describe("a will with a delay is published", () => {
  test("at once, when the session ends with its connection", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    const client = await broker.connect("client", withDelay(600, 0));
    await crash(broker, client, "client");
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["gone"]);
  });

  test("at once, when DISCONNECT with 0x04 ends the session", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    const client = await broker.connect("client", withDelay(600, 600));
    const properties = { sessionExpiryInterval: 0 };
    await leave(broker, client, "client", { reasonCode: 4, properties });
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["gone"]);
  });

  test("when a clean start ends the session before", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    const client = await broker.connect("client", withDelay(600, 600));
    await crash(broker, client, "client");
    expect(await receivedUntilNow(watcher)).toEqual([]);
    await using next = await broker.connect("client");
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["gone"]);
    await crash(broker, next, "client");
    expect(await receivedUntilNow(watcher)).toHaveLength(1);
  });

  test("when its client is taken over with a clean start", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    await using client = await broker.connect("client", withDelay(600, 600));
    await using next = await broker.connect("client");
    await client.closed;
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["gone"]);
    expect(await receivedUntilNow(next)).toEqual([]);
  });

  test("when there is no room to keep its session", async () => {
    await using broker = await startEmbedded({ sessionsMax: 1 });
    await using watcher = await connectWatcher(broker);
    for (const id of ["first", "second"]) {
      const client = await broker.connect(id, {
        ...withDelay(600, 600),
        will: { ...WILL, payload: Buffer.from(id), properties: { willDelayInterval: 600 } },
      });
      await crash(broker, client, id);
    }
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["second"]);
    expect(await receivedUntilNow(watcher)).toHaveLength(1);
  });
});

describe("a will with a delay is not published", () => {
  test("when the client comes back to its session before [MQTT-3.1.3-9]", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    const client = await broker.connect("client", withDelay(1, 600));
    await crash(broker, client, "client");
    await using next = await broker.connect("client", withDelay(1, 600));
    expect(next.packets[0]).toMatchObject({ sessionPresent: true });
    await leave(broker, next, "client");
    await subscribe(watcher, "will");
    expect(await receivedUntilNow(watcher)).toEqual([]);
  });

  test("when the client is taken over by one that goes on with its session", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    await using client = await broker.connect("client", withDelay(600, 600));
    await using next = await broker.connect("client", withDelay(600, 600));
    await client.closed;
    await receivedUntilNow(next);
    expect(await receivedUntilNow(watcher)).toEqual([]);
  });
});

describe.each([4, 5] as const)("MQTT version %p: a will", (version) => {
  test("is published when its client is taken over, and the next one's is not", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    const payload = Buffer.from("of the next");
    await using client = await broker.connect("client", { version, will: WILL });
    await using next = await broker.connect("client", { version, will: { ...WILL, payload } });
    await client.closed;
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["gone"]);
    await receivedUntilNow(next);
    expect(await receivedUntilNow(watcher)).toHaveLength(1);
    await crash(broker, next, "client");
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["of the next"]);
  });

  test("is not published after DISCONNECT [MQTT-3.14.4-3]", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    const client = await broker.connect("client", { version, will: WILL });
    await leave(broker, client, "client");
    expect(await receivedUntilNow(watcher)).toEqual([]);
  });

  test("is published when the broker ends the connection, for a packet that is wrong", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    const client = await broker.connect("client", { version, will: WILL });
    client.send("00 00");
    await client.closed;
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["gone"]);
  });

  test("is published when an operator ends the connection", async () => {
    await using broker = await startEmbedded();
    await using watcher = await connectWatcher(broker);
    await using client = await broker.connect("client", { version, will: WILL });
    expect(broker.broker.disconnect("client")).toBe(true);
    if (version === 5) expect((await client.next("disconnect")).reasonCode).toBe(0x98);
    expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["gone"]);
  });
});

test("DISCONNECT with 0x04 asks for the will", async () => {
  await using broker = await startEmbedded();
  await using watcher = await connectWatcher(broker);
  const client = await broker.connect("client", { will: WILL });
  await leave(broker, client, "client", { reasonCode: 4 });
  expect(payloadsOf(await nextMessages(watcher, 1))).toEqual(["gone"]);
});
