// The beginning of an MQTT packet in bytes: its type, its flags and its packet identifier (sections
// 2.1 and 2.2.1). Used by the frame rules and by the broker's connection-guard.ts.

import {
  byteAt,
  malformed,
  type ProtocolVersion,
  protocolError,
  readInteger16,
} from "./frame-fields.ts";

/** Packet types (MQTT 5 section 2.1.2). */
export const CONNECT = 1;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const UNSUBSCRIBE = 10;
export const PINGREQ = 12;
export const DISCONNECT = 14;
const NAMES =
  "packet of type 0,connect,connack,publish,puback,pubrec,pubrel,pubcomp," +
  "subscribe,suback,unsubscribe,unsuback,pingreq,pingresp,disconnect,auth";
const TYPE_NAMES: readonly string[] = NAMES.split(",");

/** [MQTT-2.1.3-1] the four reserved bits of PUBREL, SUBSCRIBE and UNSUBSCRIBE; else none. */
export const FLAGS_OF_REQUESTS = 2;

/** The name of a packet's type, as in `connect`. */
export function typeNameOf(frame: Buffer): string {
  return TYPE_NAMES[byteAt(frame, 0) >> 4] ?? "";
}

/** Where the packet's body begins. */
export function findBody(frame: Buffer): number {
  let at = 1;
  while (byteAt(frame, at) >= 0x80) at += 1;
  return at + 1;
}

/** Where the packet that begins at `from` ends, if it is here as a whole. */
export function findPacketEnd(bytes: Buffer, from = 0): number {
  let length = 0;
  let at = from + 1;
  for (let shift = 0; shift < 28 && at < bytes.length; shift += 7) {
    const byte = bytes[at++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return at + length;
}

/** How many packets there are, of which each is here as a whole. */
export function countPackets(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at = findPacketEnd(bytes, at)) count += 1;
  return count;
}

/** [MQTT-1.5.5-1] the remaining length has no more bytes than it needs; a rule of MQTT 5 alone. */
export function checkLength(frame: Buffer, body: number): void {
  if (body > 2 && byteAt(frame, body - 1) === 0) {
    throw malformed("a length with more bytes than it needs");
  }
}

export function checkFlags(frame: Buffer, version: ProtocolVersion, required: number): void {
  const flags = byteAt(frame, 0) & 0x0f;
  if (flags === required) return;
  // MQTT 3.1 has no reserved bits: some are "not used", and whoever sends a request again sets DUP.
  if (version === 3 && (required === 0 || (flags & 0x06) === required)) return;
  throw malformed(`wrong flags of ${typeNameOf(frame)}`); // [MQTT-2.1.3-1]
}

export function checkIdentifier(frame: Buffer, at: number): void {
  // [MQTT-2.2.1-3] and section 2.2.1.
  if (readInteger16(frame, at, frame.length) === 0) throw protocolError("packet identifier 0");
}
