// The codes of SUBACK and UNSUBACK: one for each filter, in order (MQTT 5 sections 3.9 and 3.11).

import { expect, test } from "bun:test";
import type { QoS } from "../../src/topics/message.ts";
import { startEmbedded } from "../kit/embedded-broker.ts";
import { publish, receivedUntilNow, subscribe } from "../kit/messages.ts";
import type { RawClient } from "../kit/raw-client.ts";

async function grant(client: RawClient, filters: readonly (readonly [string, QoS])[]) {
  const subscriptions = filters.map(([topic, qos]) => ({ topic, qos }));
  client.sendPacket({ cmd: "subscribe", messageId: 77, subscriptions });
  const { messageId, granted } = await client.next("suback");
  expect(messageId).toBe(77); // [MQTT-3.8.4-2]
  return granted;
}

async function unsubscribe(client: RawClient, unsubscriptions: string[]) {
  client.sendPacket({ cmd: "unsubscribe", messageId: 78, unsubscriptions });
  const { messageId, granted } = await client.next("unsuback");
  expect(messageId).toBe(78); // [MQTT-3.10.4-4]
  return granted;
}

// Names that a plain object would put into another order, or take for its own.
const FILTERS = [
  ...[
    ["b", 0],
    ["1", 1],
    ["b", 2],
    ["0", 0],
    ["constructor", 1],
  ],
  ...[
    ["1", 2],
    ["a/+", 1],
    ["#", 0],
    ["$share/g/1", 2],
    ["b", 1],
  ],
] as [string, QoS][];

test.each([4, 5] as const)("doubles and numbers too have theirs, version %p", async (version) => {
  await using broker = await startEmbedded();
  await using client = await broker.connect("client", { version });
  expect(await grant(client, FILTERS)).toEqual(FILTERS.map(([, qos]) => qos));
  // Of doubles the last one counts.
  for (const topic of ["b", "constructor"]) await publish(client, topic, { qos: 2 });
  expect((await receivedUntilNow(client)).map(({ qos }) => qos)).toEqual([1, 1]);
});

test("UNSUBACK says which filters were there [MQTT-3.11.3-2]", async () => {
  await using broker = await startEmbedded();
  await using client = await broker.connect("client");
  await grant(client, [
    ["a", 1],
    ["1", 1],
    ["$share/g/a", 1],
  ]);
  const filters = ["1", "b", "a", "a", "$share/h/a", "$share/g/a", "constructor"];
  expect(await unsubscribe(client, filters)).toEqual([0, 0x11, 0, 0x11, 0x11, 0, 0x11]);
  await publish(client, "a");
  expect(await receivedUntilNow(client)).toEqual([]);
});

test("UNSUBACK of MQTT 3.1.1 has no codes, and comes in any case [MQTT-3.10.4-5]", async () => {
  await using broker = await startEmbedded();
  await using client = await broker.connect("client", { version: 4 });
  client.sendPacket({ cmd: "unsubscribe", messageId: 78, unsubscriptions: ["nothing"] });
  expect(await client.next("unsuback")).toMatchObject({ messageId: 78, length: 2 });
});

test.each([
  [5, 0x97],
  [4, 0x80],
] as const)("filters beyond the limit are refused, version %p", async (version, refusal) => {
  await using broker = await startEmbedded({ subscriptionsPerClientMax: 2 });
  await using client = await broker.connect("client", { version });
  expect(
    await grant(client, [
      ["a", 1],
      ["b", 1],
      ["c", 1],
      ["a", 2],
    ]),
  ).toEqual([1, 1, refusal, 2]);
  expect(await subscribe(client, "$share/g/c")).toEqual([refusal]);
  client.sendPacket({ cmd: "unsubscribe", messageId: 78, unsubscriptions: ["a"] });
  await client.next("unsuback");
  expect(await subscribe(client, "c")).toEqual([1]);
  await using other = await broker.connect("other", { version });
  expect(await subscribe(other, "c")).toEqual([1]);
});
