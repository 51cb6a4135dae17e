// Corrects the CONNACK of aedes, which denies what this broker has: shared subscriptions, and
// sessions without filters. aedes builds it out of reach, so it is taken apart when it leaves.
// (aedes 2.0.0-beta.1, lib/handlers/connect.js `connackProperties`; remove when it asks.)

import { generate, type IConnackPacket, parser } from "mqtt-packet";

const CONNACK = 0x20;

/** The first bytes that leave a connection; those of a CONNACK that says yes are corrected. */
export function correctConnack(bytes: Buffer, version: number, isResumed: boolean): Buffer {
  if (bytes[0] !== CONNACK) return bytes;
  let packet: IConnackPacket | undefined;
  const parse = parser({ protocolVersion: version });
  parse.on("packet", (parsed) => {
    packet ??= parsed as IConnackPacket;
  });
  const length = findPacketEnd(bytes);
  parse.parse(bytes.subarray(0, length));
  if (!packet || (packet.returnCode ?? 0) + (packet.reasonCode ?? 0) > 0) return bytes;
  const { sharedSubscriptionAvailable: _denied, ...properties } = packet.properties ?? {};
  // [MQTT-3.2.2-2], [MQTT-3.2.2-3]
  const corrected = { ...packet, sessionPresent: isResumed, properties };
  const head = generate(corrected, { protocolVersion: version });
  return length === bytes.length ? head : Buffer.concat([head, bytes.subarray(length)]);
}

function findPacketEnd(bytes: Buffer): number {
  let length = 0;
  let at = 1;
  for (let shift = 0; at < bytes.length; shift += 7) {
    const byte = bytes[at++] ?? 0;
    length |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  return at + length;
}
