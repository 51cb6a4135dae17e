// The packets with which the broker answers: acknowledgements, and DISCONNECT with a reason. Bytes
// are written here and not by aedes, which knows no reason codes for most of them.

import { generate, type Packet } from "mqtt-packet";
import type { BrokerStore } from "../store/broker-store.ts";
import type { Connection } from "./client-connection.ts";

/** Reason codes (MQTT 5 section 2.4). */
export const REASON = {
  success: 0x00,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  unspecifiedError: 0x80,
  protocolError: 0x82,
  notAuthorized: 0x87,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdentifierNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
} as const;

/** The first byte of each acknowledgement (section 2.1). */
const HEADERS = { puback: 0x40, pubrec: 0x50, pubcomp: 0x70 } as const;

export type AcknowledgementKind = keyof typeof HEADERS;

/**
 * Acknowledges a packet; MQTT 3.1.1 has no reason codes. Without a reason string: the test suite of
 * the Eclipse Paho project, for one, takes a longer PUBACK for a broken one.
 */
export function acknowledge(
  { client, stream, isMqtt5 }: Connection,
  kind: AcknowledgementKind,
  identifier: number,
  reasonCode = 0,
): void {
  if (client.closed) return;
  const head = [identifier >> 8, identifier & 0xff];
  const isPlain = !isMqtt5 || reasonCode === 0;
  stream.write(
    isPlain
      ? Buffer.of(HEADERS[kind], 2, ...head)
      : Buffer.of(HEADERS[kind], 3, ...head, reasonCode),
  );
}

/**
 * Answers when what the packet has changed, since the store had so many changes, is safe; at once
 * when it has changed nothing. Answers of one connection keep their order [MQTT-4.6.0-2].
 */
export function answerWhenStored(
  store: BrokerStore,
  connection: Connection,
  changeCount: number,
  answer: () => void,
): void {
  if (connection.waitingAnswers === 0 && store.changeCount === changeCount) return answer();
  connection.waitingAnswers += 1;
  store.whenStored(() => {
    connection.waitingAnswers -= 1;
    answer();
  });
}

/** Any other packet to the client. */
export function write({ client, stream, isMqtt5 }: Connection, packet: Packet): void {
  if (!client.closed) stream.write(generate(packet, { protocolVersion: isMqtt5 ? 5 : 4 }));
}

/** Of a DISCONNECT, all but the letters of its reason. */
const DISCONNECT_BYTES_MAX = 16;

/** Ends the connection with a reason, which only MQTT 5 clients are told (section 3.14). */
export function disconnect(connection: Connection, reasonCode: number, reason: string): void {
  const { client, facts } = connection;
  if (client.closed) return;
  client.broker.emit("clientError", client, new Error(reason));
  // A DISCONNECT may say why even to clients that want no reason strings [MQTT-3.1.2-29],
  // [MQTT-3.14.2-3] unless it made the packet too large for the client.
  const isTooLarge = DISCONNECT_BYTES_MAX + reason.length > (facts?.packetBytesMax ?? 0);
  const properties = isTooLarge ? undefined : { reasonString: reason };
  client.disconnect(properties ? { reasonCode, properties } : { reasonCode });
}
