// Payloads of a megabyte come whole: at once, as retained, as queued, and after a restart; over TCP
// and over WebSocket, in both directions.

import { describe, expect, test } from "bun:test";
import type { Packet } from "mqtt-packet";
import { type ConnectMore, type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { makeDataFolder } from "../kit/kept-broker.ts";
import { connectPacket } from "../kit/raw-client.ts";
import { connectWebSocket } from "../kit/web-socket-client.ts";

const MIB = 1 << 20;
const LIMITS = { packetBytesMax: 2 * MIB };
const KEPT = { clean: false, properties: { sessionExpiryInterval: 600 } };

/** No two pieces of it are the same, so that none can be missing, doubled or in another's place. */
const PAYLOAD = Buffer.alloc(MIB);
for (let at = 0; at < MIB; at += 4) PAYLOAD.writeUInt32BE(Math.imul(at, 2_654_435_761) >>> 0, at);

type Client = AsyncDisposable & {
  sendPacket(packet: Packet): void;
  next<C extends Packet["cmd"]>(cmd: C): Promise<Extract<Packet, { cmd: C }>>;
};
type Door = (broker: EmbeddedBroker, id: string, more?: ConnectMore) => Promise<Client>;

const DOORS: Record<string, Door> = {
  TCP: (broker, id, more) => broker.connect(id, more),
  async WebSocket(broker, id, more) {
    const client = await connectWebSocket(`ws://127.0.0.1:${broker.wsPort}/mqtt`);
    client.sendPacket(connectPacket(5, id, more));
    await client.next("connack");
    return client;
  },
};

async function subscribe(client: Client, qos: 1 | 2 = 1): Promise<void> {
  client.sendPacket({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a", qos }] });
  await client.next("suback");
}

async function publish(client: Client, retain = false): Promise<void> {
  const head = { cmd: "publish", topic: "a", messageId: 7, dup: false, qos: 1 } as const;
  client.sendPacket({ ...head, retain, payload: PAYLOAD });
  await client.next("puback");
}

async function expectWhole(client: Client): Promise<void> {
  const { payload } = await client.next("publish");
  expect(Buffer.compare(Buffer.from(payload), PAYLOAD)).toBe(0);
}

/** Makes a session that subscribes, and leaves it. */
async function leaveSession(broker: EmbeddedBroker, connect: Door): Promise<void> {
  const client = await connect(broker, "away", KEPT);
  await subscribe(client);
  await client[Symbol.asyncDispose]();
  await broker.waitForLog(/client 'away' left/);
}

describe.each(Object.entries(DOORS))("1 MiB over %s arrives whole", (_name, connect) => {
  test.each([0, 1, 2] as const)("with QoS %p", async (qos) => {
    await using broker = await startEmbedded(LIMITS);
    await using client = await connect(broker, "client");
    await subscribe(client, qos === 2 ? 2 : 1);
    const head = { cmd: "publish", topic: "a", messageId: 7, dup: false, retain: false } as const;
    client.sendPacket({ ...head, qos, payload: PAYLOAD });
    if (qos === 1) await client.next("puback");
    if (qos === 2) await client.next("pubrec");
    await expectWhole(client);
  });

  test("as retained", async () => {
    await using broker = await startEmbedded(LIMITS);
    await using client = await connect(broker, "client");
    await publish(client, true);
    await subscribe(client);
    await expectWhole(client);
  });

  test("as queued for who is away", async () => {
    await using broker = await startEmbedded(LIMITS);
    await leaveSession(broker, connect);
    await using publisher = await connect(broker, "publisher");
    await publish(publisher);
    await using away = await connect(broker, "away", KEPT);
    await expectWhole(away);
  });

  test("as retained and as queued, after a crash", async () => {
    await using data = makeDataFolder();
    {
      await using broker = await data.start(LIMITS);
      await leaveSession(broker, connect);
      await using publisher = await connect(broker, "publisher");
      await publish(publisher, true);
      data.crash();
    }
    await using broker = await data.start(LIMITS);
    await using away = await connect(broker, "away", KEPT);
    await expectWhole(away);
    await using late = await connect(broker, "late");
    await subscribe(late);
    await expectWhole(late);
  });
});
