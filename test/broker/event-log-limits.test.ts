// The broker's log names the option behind a limit that someone has met.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OPTIONS } from "../../src/config/options.ts";
import { type EmbeddedBroker, startEmbedded } from "../kit/embedded-broker.ts";
import { publish, subscribe } from "../kit/messages.ts";
import { field, integer16, packetBytes, propertyList } from "../kit/packet-bytes.ts";
import { connectPacket, connectRaw, type RawClient } from "../kit/raw-client.ts";

type Act = (client: RawClient, broker: EmbeddedBroker) => unknown;
const topicOf = (topic: string) => packetBytes(0x30, field(topic), propertyList());
const CASES: readonly (readonly [string, object, Act, string])[] = [
  [
    "a large packet",
    { packetBytesMax: 1_000 },
    (client) => client.send(packetBytes(0x30, Buffer.alloc(2_000))),
    "was closed: packet too large (--payload-bytes-max; ",
  ],
  [
    "a deep topic",
    { topicLevelsMax: 2 },
    (client) => client.send(topicOf("a/b/c")),
    "was closed: packet refused: more than 2 levels (--topic-levels-max), from ",
  ],
  [
    "a long topic",
    { topicBytesMax: 3 },
    (client) => client.send(topicOf("abcd")),
    "was closed: packet refused: more than 3 bytes (--topic-bytes-max), from ",
  ],
  [
    "a topic alias",
    { topicAliasesMax: 2 },
    (client) => client.send(packetBytes(0x30, field("a"), [3, 0x23, 0, 3])),
    "topic alias 3 (--topic-aliases-max), from ",
  ],
  [
    "too many messages at once",
    { receiveMax: 1 },
    (client) => {
      for (const id of [1, 2]) {
        client.send(packetBytes(0x34, field("a"), integer16(id), propertyList()));
      }
    },
    "was closed: too many messages at once (--receive-max), from ",
  ],
  [
    "too many filters",
    { subscriptionsPerClientMax: 1 },
    async (client) => {
      await subscribe(client, "a");
      await subscribe(client, "b");
    },
    "has too many filters for 'b' (--subscriptions-per-client-max)",
  ],
  [
    "too many messages in a second",
    { clientMessagesPerSecondMax: 2 },
    (client) => {
      for (const _message of [1, 2, 3]) client.send(topicOf("a"));
    },
    "sends too fast, and is held back (--client-messages-per-second-max)",
  ],
  [
    "too many retained messages",
    { retainedMessagesMax: 0 },
    (client) => publish(client, "a", { retain: true }),
    "'a' is passed on, and not kept (--retained-messages-max, --retained-bytes-max)",
  ],
  [
    "a full queue",
    { queueMessagesMax: 1, inflightMessagesMax: 1 },
    async (client) => {
      await subscribe(client, "a");
      for (const _message of [1, 2]) await publish(client, "a");
    },
    "the queue of client 'client' is full: what comes for it is dropped (--queue-messages-max, ",
  ],
  [
    "a full queue that disconnects",
    { queueMessagesMax: 1, inflightMessagesMax: 1, queueFull: "disconnect" },
    async (client, broker) => {
      await subscribe(client, "a");
      await using other = await broker.connect("other");
      for (const _message of [1, 2]) await publish(other, "a");
    },
    "was closed: its queue is full (--queue-messages-max, ",
  ],
  [
    "too many sessions",
    { sessionsMax: 0 },
    async (_client, broker) => {
      const away = await broker.connect("away", { properties: { sessionExpiryInterval: 9 } });
      await away[Symbol.asyncDispose]();
    },
    "there is no room for more sessions: that of 'away' is not kept (--sessions-max)",
  ],
  [
    "too many connections",
    { connectionsMax: 1 },
    async (_client, broker) => (await connectRaw(broker.port)).closed,
    "1 connections are open (--connections-max)",
  ],
  [
    "no CONNECT in time",
    { connectTimeoutMs: 50 },
    async (_client, broker) => (await connectRaw(broker.port)).closed,
    "was closed: connect did not arrive in time (--connect-timeout), from ",
  ],
];
test.each(CASES)("%s", async (_name, limits, act, words) => {
  await using broker = await startEmbedded(limits);
  await using client = await broker.connect("client");
  await act(client, broker);
  await broker.waitForLog(new RegExp(`WARN - .*${RegExp.escape(words)}`));
});

test("an id that MQTT 3.1 does not allow", async () => {
  await using broker = await startEmbedded();
  await using client = await connectRaw(broker.port, { version: 3 });
  client.sendPacket(connectPacket(3, "x".repeat(24)));
  expect((await client.next("connack")).returnCode).toBe(2);
  await broker.waitForLog(/identifier rejected \(MQTT 3\.1 takes 1 to 23 characters\), from 127/);
});

test("all options that the broker names are there", () => {
  const folder = join(import.meta.dir, "../../src/broker");
  const texts = [...new Bun.Glob("*.ts").scanSync(folder)].map((name) => {
    return readFileSync(join(folder, name), "utf8");
  });
  const named = texts.flatMap((text) =>
    [...text.matchAll(/--([a-z][a-z-]+)/g)].map(([, flag]) => flag),
  );
  expect(named.length).toBeGreaterThan(20);
  const flags: readonly string[] = OPTIONS.map(({ flag }) => flag);
  expect(named.filter((flag) => !flags.includes(flag ?? ""))).toEqual([]);
});
