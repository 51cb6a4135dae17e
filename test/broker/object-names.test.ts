// Names that every JavaScript object answers to: as client ids and filters they ended the process
// (GHSA-52qw-whmv-87c5).

import { describe, expect, test } from "bun:test";
import { connectWitness, startEmbedded } from "../kit/embedded-broker.ts";
import { publish as publishTo } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";

const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
const FILTERS = ["constructor", "toString", "hasOwnProperty"];

async function subscribe(client: RawClient, ...filters: string[]) {
  const subscriptions = filters.map((topic) => ({ topic, qos: 1 as const }));
  client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
  return (await client.next("suback")).granted;
}

async function unsubscribe(client: RawClient, ...unsubscriptions: string[]) {
  client.sendPacket({ cmd: "unsubscribe", messageId: 2, unsubscriptions });
  return (await client.next("unsuback")).granted;
}

async function publish(client: RawClient, topic: string) {
  const head = { cmd: "publish", topic, payload: "x", messageId: 3 } as const;
  client.sendPacket({ ...head, qos: 1, dup: false, retain: false });
  await client.next("puback");
}

describe.each([4, 5] as const)("MQTT version %p", (version) => {
  test.each(NAMES)("client id %s connects, is taken over and leaves", async (name) => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using first = await broker.connect(name, { version });
    await using second = await broker.connect(name, { version });
    await first.closed;
    await subscribe(second, "a");
    await publish(second, "a");
    expect((await second.next("publish")).topic).toBe("a");
    second.sendPacket({ cmd: "disconnect" });
    await second.closed;
    await witness.check();
  });

  test.each(FILTERS)("filter %s is subscribed, used and unsubscribed", async (name) => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await broker.connect("client", { version });
    if (version === 5) expect(await unsubscribe(client, name)).toEqual([0x11]);
    else await unsubscribe(client, name);
    expect(await subscribe(client, name)).toEqual([1]);
    await publish(client, name);
    expect((await client.next("publish")).topic).toBe(name);
    await unsubscribe(client, name);
    await witness.check();
  });

  test("all these filters are subscribed and unsubscribed in one packet", async () => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    await using client = await broker.connect("client", { version });
    expect(await subscribe(client, ...FILTERS, "a")).toEqual([1, 1, 1, 1]);
    for (const name of FILTERS) {
      await publish(client, name);
      expect((await client.next("publish")).topic).toBe(name);
    }
    await unsubscribe(client, "__proto__", ...FILTERS);
    await witness.check();
  });

  test.each(["__proto__", "__proto__,a", "a,__proto__"])(
    "SUBSCRIBE to %s is granted, filter by filter",
    async (all) => {
      await using broker = await startEmbedded();
      await using witness = await connectWitness(broker);
      await using client = await broker.connect("client", { version });
      const subscriptions = all.split(",").map((topic) => ({ topic, qos: 1 as const }));
      client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions });
      expect((await client.next("suback")).granted).toEqual(subscriptions.map(() => 1));
      await publishTo(client, "__proto__");
      expect((await client.next("publish")).topic).toBe("__proto__");
      await witness.check();
    },
  );

  test.each(NAMES)("the session of client id %s is resumed with its filters", async (name) => {
    await using broker = await startEmbedded();
    await using witness = await connectWitness(broker);
    const kept = { version, clean: false } as const;
    const session = version === 5 ? { ...kept, properties: { sessionExpiryInterval: 60 } } : kept;
    await using first = await broker.connect(name, session);
    await subscribe(first, "constructor");
    await subscribe(first, "toString");
    first.destroy();
    await broker.waitForLog(new RegExp(`client '${name}' left`));
    await using second = await broker.connect(name, session);
    expect(second.packets[0]).toMatchObject({ cmd: "connack", sessionPresent: true });
    await publish(second, "constructor");
    expect((await second.next("publish")).topic).toBe("constructor");
    await witness.check();
  });
});
