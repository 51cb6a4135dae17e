// Short words for what nearly every test of the broker says in packets.

import type { IPublishPacket, ISubscription } from "mqtt-packet";
import type { RawClient } from "./raw-client.ts";

type Subscription = Omit<ISubscription, "topic">;
type Message = Partial<Pick<IPublishPacket, "payload" | "qos" | "retain" | "properties">>;

/** Subscribes to one filter; gives the reason codes of the SUBACK. */
export async function subscribe(
  client: RawClient,
  topic: string,
  options: Subscription | ISubscription["qos"] = 1,
): Promise<unknown> {
  const subscription = typeof options === "number" ? { qos: options } : options;
  client.sendPacket({
    cmd: "subscribe",
    messageId: 1,
    subscriptions: [{ topic, ...subscription }],
  });
  return (await client.next("suback")).granted;
}

/** Publishes and, with QoS 1 or 2, waits until the broker is done with it. */
export async function publish(client: RawClient, topic: string, message: Message = {}) {
  const packet = { payload: "x", qos: 1, retain: false, ...message } as const;
  client.sendPacket({ cmd: "publish", topic, dup: false, messageId: PUBLISH_ID, ...packet });
  if (packet.qos === 1) await client.next("puback");
  if (packet.qos !== 2) return;
  await client.next("pubrec");
  client.sendPacket({ cmd: "pubrel", messageId: PUBLISH_ID });
  await client.next("pubcomp");
}
const PUBLISH_ID = 60_000;

/** Waits until all that the broker has changed so far is on its disk; leaves nothing behind. */
export async function settle(client: RawClient): Promise<void> {
  // A retained message is a change of its own, whose PUBACK waits for the commit of all.
  await publish(client, "settled", { retain: true });
  await publish(client, "settled", { retain: true, payload: "" });
}

/** So many PUBLISH packets, as they come. */
export async function nextMessages(client: RawClient, count: number): Promise<IPublishPacket[]> {
  const messages: IPublishPacket[] = [];
  while (messages.length < count) messages.push(await client.next("publish"));
  return messages;
}

/** Every PUBLISH that has come to the client when the broker has answered a PINGREQ, sent now. */
export async function receivedUntilNow(client: RawClient): Promise<IPublishPacket[]> {
  client.sendPacket({ cmd: "pingreq" });
  await client.next("pingresp");
  return client.packets.filter((packet) => packet.cmd === "publish");
}

/** The payloads of these messages, as text. */
export function payloadsOf(packets: readonly { readonly payload: unknown }[]): string[] {
  return packets.map(({ payload }) => String(payload));
}
