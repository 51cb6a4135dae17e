// PUBLISH from a client (MQTT 5 section 3.3): who may, what the topic alias stands for, and the
// acknowledgement, which comes when the message is stored and never before. Called by receiving.ts.

import type { IPublishPacket } from "mqtt-packet";
import type { BrokerStore } from "../store/broker-store.ts";
import type { MessageProperties } from "../topics/message.ts";
import { acknowledge, answerWhenStored, disconnect, REASON } from "./answers.ts";
import type { Connection } from "./client-connection.ts";
import { copyProperties } from "./property-bytes.ts";
import { Publication } from "./publication.ts";
import type { Fate, Router } from "./router.ts";
import { countDrop, type Statistics } from "./statistics.ts";
import { isSysTopic } from "./sys-topics.ts";

export type PublishingParts = {
  readonly router: Router;
  readonly store: BrokerStore;
  readonly statistics: Statistics;
  readonly limits: { readonly receiveMax: number; readonly topicAliasesMax: number };
  /** Called for every message that a client or a will publishes. */
  readonly onPublish: (publication: Publication) => void;
  /** Called when a client may not publish what it wanted to. */
  readonly onDenied: (connection: Connection, topic: string) => void;
};

/**
 * Whoever was given a message that is not retained has it: to say no would have it sent again. Of
 * one that nobody has, 0x97 is the truth (section 3.4.2.1); MQTT 3.1.1 cannot say it.
 */
const CODES: Readonly<Record<Fate, number>> = {
  given: REASON.success,
  unwanted: REASON.noMatchingSubscribers,
  lost: REASON.quotaExceeded,
};

/** No count of changes: there may be some of before. */
const NOT_YET = -1;

/** Takes a message. The packet was checked, but for its topic alias. */
export function receivePublish(
  parts: PublishingParts,
  connection: Connection,
  packet: IPublishPacket,
  frame: Buffer,
): void {
  if (!resolveAlias(parts, connection, packet)) return;
  const { qos, messageId = 0 } = packet;
  const { session } = connection;
  if (!session) return;
  if (qos === 2 && session.received.has(messageId)) {
    // It was published when it came first [MQTT-4.3.3-10], and may not be stored yet.
    return answerWhenStored(parts.store, connection, NOT_YET, () => {
      acknowledge(connection, "pubrec", messageId);
    });
  }
  const underWay = session.received.size + connection.unacknowledgedCount;
  // [MQTT-3.3.4-9]; an MQTT 3.1.1 client was told no maximum: with QoS 1 it is held back, and of
  // QoS 2 nothing is kept but identifiers, of which there are no more than 65,535.
  if (qos > 0 && underWay >= parts.limits.receiveMax && connection.isMqtt5) {
    return disconnect(connection, REASON.receiveMaximumExceeded, "too many messages at once");
  }
  if (!mayPublish(connection, packet.topic)) return deny(parts, connection, packet);
  const { changeCount } = parts.store;
  const fate = publish(parts, toPublication(packet, connection.id, frame));
  const reasonCode = CODES[fate];
  if (qos === 0) return;
  // A PUBREC that says no is the end of the message (section 4.3.3).
  if (qos === 2 && fate !== "lost") {
    session.received.add(messageId);
    if (session.isStored) parts.store.putReceived(session.key, messageId);
  }
  const kind = qos === 1 ? "puback" : "pubrec";
  if (qos === 1) connection.unacknowledgedCount += 1;
  answerWhenStored(parts.store, connection, changeCount, () => {
    if (qos === 1) connection.unacknowledgedCount -= 1;
    acknowledge(connection, kind, messageId, reasonCode);
  });
}

/** PUBREL: a QoS 2 message is done, and its identifier free (section 3.6). */
export function receiveRelease(parts: PublishingParts, connection: Connection, id: number): void {
  const { session } = connection;
  const { changeCount } = parts.store;
  const isKnown = session?.received.delete(id) === true;
  if (isKnown && session.isStored) parts.store.deleteReceived(session.key, id);
  const reasonCode = isKnown ? REASON.success : REASON.packetIdentifierNotFound;
  answerWhenStored(parts.store, connection, changeCount, () => {
    acknowledge(connection, "pubcomp", id, reasonCode);
  });
}

/** Passes a message on. Wills come here as well. */
export function publish(parts: PublishingParts, publication: Publication): Fate {
  const { statistics } = parts;
  statistics.publishesReceived += 1;
  statistics.payloadBytesReceived += publication.payload.length;
  const fate = parts.router.publish(publication);
  parts.onPublish(publication);
  return fate;
}

export function toPublication(
  packet: Pick<IPublishPacket, "topic" | "payload" | "qos" | "retain" | "properties">,
  publisherId: string,
  frame?: Buffer,
): Publication {
  const { topic, payload, qos, retain, properties = {} } = packet;
  const { messageExpiryInterval, topicAlias: _alias, ...others } = properties;
  const hasOthers = Object.keys(others).length > 0;
  return new Publication({
    topic,
    payload: typeof payload === "string" ? Buffer.from(payload) : payload,
    qos,
    retain: retain === true,
    properties: hasOthers ? (others as MessageProperties) : undefined,
    // [MQTT-3.3.2-17], [MQTT-3.3.2-18] as they came: a packet's object loses the order of user
    // properties.
    ...(hasOthers && frame && { encodedProperties: copyProperties(frame) }),
    ...(messageExpiryInterval !== undefined && {
      expiresAtMs: Date.now() + messageExpiryInterval * 1000,
    }),
    publisherId,
  });
}

/** Whether a topic is the client's to write to. Those below $SYS are the broker's alone. */
export function mayPublish({ permissions }: Connection, topic: string): boolean {
  return !isSysTopic(topic) && permissions?.mayPublish(topic) !== false;
}

// [MQTT-3.3.5-2] MQTT 3.1.1 has no way to say no: there the message is acknowledged, and dropped.
function deny(parts: PublishingParts, connection: Connection, packet: IPublishPacket): void {
  const { topic, qos, messageId = 0 } = packet;
  parts.onDenied(connection, topic);
  countDrop(parts.statistics, "denied");
  if (qos === 0) return;
  const kind = qos === 1 ? "puback" : "pubrec";
  const { changeCount } = parts.store;
  answerWhenStored(parts.store, connection, changeCount, () => {
    acknowledge(connection, kind, messageId, REASON.notAuthorized);
  });
}

/** Puts the topic into the packet; false when the alias stands for none [MQTT-3.3.2-8]. */
function resolveAlias(
  { limits }: PublishingParts,
  connection: Connection,
  packet: IPublishPacket,
): boolean {
  const alias = packet.properties?.topicAlias;
  if (alias === undefined) return true;
  const isInRange = alias >= 1 && alias <= limits.topicAliasesMax; // [MQTT-3.3.2-9]
  const topic = packet.topic || connection.aliases?.get(alias);
  if (!isInRange || topic === undefined) {
    disconnect(connection, REASON.topicAliasInvalid, `topic alias ${alias} stands for nothing`);
    return false;
  }
  connection.aliases ??= new Map();
  connection.aliases.set(alias, topic);
  packet.topic = topic;
  return true;
}
