// Which messages go out to a client, with what QoS, and how fast. Used by engine.ts and broker.ts.

import type { AedesPublishPacket, Client } from "aedes";
import type { JoinedWrites } from "../lib/joined-writes.ts";
import { followSubscriptions, type GrantedQos } from "./granted-qos.ts";

/** What waits for a client, and what was not even put there. */
export type Output = { readonly writes: JoinedWrites; leftOutCount: number };
/** By connection; known from `handle` on. */
export type Outputs = WeakMap<object, Output>;
export type Forward = (client: Client, packet: AedesPublishPacket) => AedesPublishPacket | null;

/** Waiting bytes from which a slow client's QoS 0 messages are left out. */
const OUTPUT_BYTES_SLOW = 1 << 20;
/** Waiting bytes above which nothing is added that is in no hurry. */
const OUTPUT_BYTES_PACED = 1 << 18;

/** Resolves when what was stored for a client may go on, without hurting a reader that keeps up. */
export async function waitForRoom(outputs: Outputs, connection: object): Promise<void> {
  await outputs.get(connection)?.writes.drained(OUTPUT_BYTES_PACED);
}

type Deliver = (packet: AedesPublishPacket, done: () => void) => void;

/**
 * Sends retained messages no faster than the client reads. Live messages wait for no one's socket,
 * but all retained messages at once would be too much for any reader but the fastest.
 */
export function paceRetained(aedesClient: Client, outputs: Outputs): void {
  const client = aedesClient as Client & { deliverQoS: Deliver };
  const deliver = client.deliverQoS.bind(client);
  client.deliverQoS = (packet, done) => {
    // Only retained messages, sent because of a SUBSCRIBE, have no number of their own.
    if (packet.brokerId !== null) return deliver(packet, done);
    deliver(packet, () => void waitForRoom(outputs, client.conn).then(done));
  };
}

/** What is kept at a client, here and by aedes; a property is found faster than in a WeakMap. */
type Recipient = Client & {
  granted?: GrantedQos;
  /** The number of the message that was offered last. */
  latestCounter?: number;
};

/** Learns what the client is granted. */
export function followGrants(client: Client): void {
  (client as Recipient).granted = followSubscriptions(client);
}

export function createForward(outputs: Outputs): Forward {
  return (aedesClient, packet) => {
    const client = aedesClient as Recipient;
    // Filters that overlap offer one message several times, one right after the other; it goes out
    // once. (aedes' own way takes a message for a double when a later one has overtaken it, and
    // loses it; guardConnection disables that.)
    if (client.latestCounter === packet.brokerCounter) return null;
    client.latestCounter = packet.brokerCounter;
    if (packet.qos > 0) lowerQos(client, packet);
    if (packet.qos > 0) return packet;
    const output = outputs.get(client.conn);
    if (!output || output.writes.waitingBytes() < OUTPUT_BYTES_SLOW) return packet;
    output.leftOutCount += 1;
    return null;
  };
}

// [MQTT-3.8.4-8] a subscription's QoS is the most that its messages have. aedes heeds that only for
// filters without wildcards (lib/client.js `deliverQoS`), and not for retained messages.
function lowerQos({ granted }: Recipient, packet: AedesPublishPacket): void {
  if (!granted?.hasBelow(packet.qos)) return;
  const qos = granted.find(packet.topic);
  // Without a filter that matches, it comes from a session whose UNSUBSCRIBE came after it.
  if (qos === undefined || qos >= packet.qos) return;
  packet.qos = qos;
  if (qos === 0) packet.dup = false; // [MQTT-3.3.1-2]
}
