// Every packet of a connected client comes through here. Messages, acknowledgements and
// subscriptions are handled by this folder, in the order in which they came; what is left (PINGREQ,
// DISCONNECT) is aedes'. Called by the connection's guard.

import type { IPublishPacket, Packet } from "mqtt-packet";
import { disconnect, REASON } from "./answers.ts";
import type { Connection } from "./client-connection.ts";
import { type PublishingParts, receivePublish, receiveRelease } from "./publishing.ts";
import { receiveSubscribe, receiveUnsubscribe, type SubscribingParts } from "./subscribing.ts";

export type ReceivingParts = PublishingParts &
  SubscribingParts & {
    readonly limits: { readonly clientMessagesPerSecondMax: number };
    /**
     * Asked before a message from outside is taken: it is held back, unacknowledged, until the
     * promise resolves. Undefined when there is room.
     */
    readonly room: (topic: string) => Promise<void> | undefined;
    /** Called when a client is held back because it sends too fast. */
    readonly onSlowed: (connection: Connection) => void;
  };

const SECOND_MS = 1_000;
/** How often a client that is held back is taken to be alive: less than the shortest keep alive. */
const ALIVE_MS = 500;

/** True when the packet was taken, and aedes must not get it. */
export function receive(
  parts: ReceivingParts,
  connection: Connection,
  packet: Packet,
  frame: Buffer,
): boolean {
  const wait = packet.cmd === "publish" ? findWait(parts, connection, packet) : undefined;
  if (packet.cmd !== "publish" || !wait) return handle(parts, connection, packet, frame);
  hold(parts, connection, packet, frame, wait);
  return true;
}

function handle(
  parts: ReceivingParts,
  connection: Connection,
  packet: Packet,
  frame: Buffer,
): boolean {
  switch (packet.cmd) {
    case "publish":
      receivePublish(parts, connection, packet, frame);
      return true;
    case "puback":
    case "pubrec":
    case "pubcomp":
      receiveAcknowledgement(connection, packet.cmd, packet.messageId ?? 0, packet.reasonCode);
      return true;
    case "pubrel":
      receiveRelease(parts, connection, packet.messageId ?? 0);
      return true;
    case "subscribe":
      receiveSubscribe(parts, connection, packet);
      return true;
    case "unsubscribe":
      receiveUnsubscribe(parts, connection, packet);
      return true;
    default:
      return false;
  }
}

function receiveAcknowledgement(
  connection: Connection,
  kind: "puback" | "pubrec" | "pubcomp",
  identifier: number,
  reasonCode: number | undefined,
): void {
  const { session } = connection;
  if (session?.outbound.acknowledge(kind, identifier, reasonCode) !== false) return;
  disconnect(connection, REASON.protocolError, `${kind} does not fit the message's QoS`);
}

// Until the message can be taken nothing behind it is read: not from the socket either, so that in
// the end it is the client that waits.
function hold(
  parts: ReceivingParts,
  connection: Connection,
  packet: IPublishPacket,
  frame: Buffer,
  wait: Promise<void>,
): void {
  const { client } = connection;
  client.pause();
  // Its PINGREQ is among what is not read.
  const timer = setInterval(() => client._keepaliveTimer?.refresh(), ALIVE_MS);
  const goOn = () => {
    clearInterval(timer);
    // Whose client is gone meanwhile is not acknowledged: it comes again on another connection, and
    // may have been published there [MQTT-4.3.3-10].
    if (client.closed && packet.qos > 0) return;
    handle(parts, connection, packet, frame);
    if (!client.closed) client.resume();
  };
  wait.then(goOn).catch((cause) => {
    client.emit("error", new Error("the packet could not be handled", { cause }));
  });
}

// The bridge's own publishes are what makes room: they never wait.
function findWait(
  parts: ReceivingParts,
  connection: Connection,
  packet: IPublishPacket,
): Promise<void> | undefined {
  if (connection.isOwn) return undefined;
  return (
    parts.room(toTopic(connection, packet)) ??
    findStoreWait(parts, connection, packet) ??
    findRateWait(parts, connection)
  );
}

/** The topic, also where an alias stands for it; publishing.ts says when that stands for none. */
function toTopic({ aliases }: Connection, { topic, properties }: IPublishPacket): string {
  return topic || (aliases?.get(properties?.topicAlias ?? 0) ?? "");
}

// An MQTT 3.1.1 client was told no Receive Maximum, and yet no more than that waits for the disk.
function findStoreWait(
  { limits, store }: ReceivingParts,
  { isMqtt5, unacknowledgedCount }: Connection,
  { qos }: IPublishPacket,
) {
  if (isMqtt5 || qos !== 1 || unacknowledgedCount < limits.receiveMax) return undefined;
  return new Promise<void>((resolve) => store.whenStored(resolve));
}

function findRateWait({ limits, onSlowed }: ReceivingParts, connection: Connection) {
  const nowMs = Date.now();
  connection.rate ??= { startedAtMs: nowMs, count: 0 };
  const { rate } = connection;
  if (nowMs - rate.startedAtMs >= SECOND_MS) Object.assign(rate, { startedAtMs: nowMs, count: 0 });
  rate.count += 1;
  if (rate.count <= limits.clientMessagesPerSecondMax) return undefined;
  onSlowed(connection);
  const waitMs = rate.startedAtMs + SECOND_MS - nowMs;
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, waitMs);
  return promise;
}
