// The fields of an MQTT packet in bytes (MQTT 5 section 1.5): its numbers, and where its strings
// end. Used by the frame rules. What is wrong is thrown as a FrameFault; a good field costs no
// memory.

export type ProtocolVersion = 3 | 4 | 5;

/** Reason codes (MQTT 5 section 2.4). */
export const MALFORMED_PACKET = 0x81;
export const PROTOCOL_ERROR = 0x82;

/** A rule that a packet breaks. */
export class FrameFault extends Error {
  readonly reasonCode: number;

  constructor(words: string, reasonCode: number) {
    super(words);
    this.reasonCode = reasonCode;
  }
}

export function malformed(words: string): FrameFault {
  return new FrameFault(words, MALFORMED_PACKET);
}

export function protocolError(words: string): FrameFault {
  return new FrameFault(words, PROTOCOL_ERROR);
}

export function byteAt(frame: Buffer, at: number): number {
  return frame[at] ?? 0;
}

export function readInteger16(frame: Buffer, at: number, end: number): number {
  if (at + 2 > end) throw malformed("it is cut short");
  return byteAt(frame, at) * 256 + byteAt(frame, at + 1);
}

export function readInteger32(frame: Buffer, at: number, end: number): number {
  return readInteger16(frame, at, end) * 65_536 + readInteger16(frame, at + 2, end);
}

/** A variable byte integer; how many bytes it has is `variableBytes` of it. */
export function readVariable(frame: Buffer, at: number, end: number): number {
  let value = 0;
  for (let count = 0; count < 4; count++) {
    if (at + count >= end) throw malformed("it is cut short");
    const byte = byteAt(frame, at + count);
    value += (byte & 0x7f) << (7 * count);
    if (byte >= 0x80) continue;
    // [MQTT-1.5.5-1] the fewest bytes that hold it.
    if (byte === 0 && count > 0) throw malformed("a length with more bytes than it needs");
    return value;
  }
  throw malformed("a length of more than four bytes");
}

export function variableBytes(value: number): number {
  if (value < 128) return 1;
  if (value < 16_384) return 2;
  return value < 2_097_152 ? 3 : 4;
}

/** Where a string or binary field ends; its bytes begin two after `at`. */
export function findFieldEnd(frame: Buffer, at: number, end: number): number {
  const fieldEnd = at + 2 + readInteger16(frame, at, end);
  if (fieldEnd > end) throw malformed("a field is longer than the packet");
  return fieldEnd;
}
