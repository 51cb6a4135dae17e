// What the broker said in CONNACK that it can take (MQTT 5 section 3.2.2.3), and the check of a
// message against it. Brokers of MQTT 3.1.1 say nothing: then nothing is limited.

import { generate, type IConnackPacket, type IPublishPacket } from "mqtt-packet";
import { ViadutoError } from "../lib/errors.ts";

export type ServerLimits = {
  /** Most QoS 1 and 2 messages that we may send unacknowledged. */
  readonly receiveMaximum: number;
  readonly packetBytesMax: number;
  readonly qosMax: number;
  readonly isRetainAvailable: boolean;
  /** Whether `$share/…` filters may be subscribed to. */
  readonly isSharingAvailable: boolean;
  /** Whether a SUBSCRIBE may have an identifier, which then comes with its messages. */
  readonly isIdentifyingAvailable: boolean;
};

/** Bytes of a PUBLISH beside topic, payload and properties, at most. */
const HEADER_BYTES_MAX = 16;

export function createLimits(properties: IConnackPacket["properties"]): ServerLimits {
  return {
    receiveMaximum: properties?.receiveMaximum || 65_535,
    packetBytesMax: properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    qosMax: properties?.maximumQoS ?? 2,
    isRetainAvailable: properties?.retainAvailable ?? true,
    isSharingAvailable: properties?.sharedSubscriptionAvailable ?? true,
    isIdentifyingAvailable: properties?.subscriptionIdentifiersAvailable ?? true,
  };
}

/** The error with which the broker would refuse this packet; undefined when it would take it. */
export function findLimitProblem(
  packet: IPublishPacket,
  limits: ServerLimits,
): ViadutoError | undefined {
  const { qosMax } = limits;
  if (packet.qos > qosMax) return new ViadutoError("qos_unsupported", { qos: packet.qos, qosMax });
  if (packet.retain && !limits.isRetainAvailable) return new ViadutoError("retain_unsupported");
  if (isSurelySmaller(packet, limits.packetBytesMax)) return undefined;
  const bytes = generate({ ...packet, messageId: 1 }, { protocolVersion: 5 }).length;
  if (bytes <= limits.packetBytesMax) return undefined;
  return new ViadutoError("packet_too_large", { bytes, bytesMax: limits.packetBytesMax });
}

// Spares the common case from being encoded twice. A UTF-16 unit is three bytes of UTF-8 at most.
function isSurelySmaller(packet: IPublishPacket, bytesMax: number): boolean {
  if (bytesMax === Number.POSITIVE_INFINITY) return true;
  if (packet.properties) return false;
  return packet.payload.length + packet.topic.length * 3 + HEADER_BYTES_MAX < bytesMax;
}
