// The properties of a PUBLISH as they came, for those who get it. Called by publishing.ts, for
// frames that were checked.

import { findFieldEnd, readInteger16, readVariable, variableBytes } from "../lib/frame-fields.ts";
import { findBody } from "../lib/frame-head.ts";

/** Property identifiers (MQTT 5 table 2-4). */
const PAYLOAD_FORMAT_INDICATOR = 1;
const MESSAGE_EXPIRY_INTERVAL = 2;
const TOPIC_ALIAS = 35;
const USER_PROPERTY = 38;

/**
 * What goes on to every receiver, without length: not the expiry, which is counted down, and not
 * the alias, which was between the publisher and us.
 */
export function copyProperties(frame: Buffer): Buffer {
  const start = findBody(frame);
  const hasIdentifier = ((frame[0] ?? 0) & 0x06) > 0;
  const lengthAt = start + 2 + readInteger16(frame, start, frame.length) + (hasIdentifier ? 2 : 0);
  const length = readVariable(frame, lengthAt, frame.length);
  const kept: Buffer[] = [];
  let at = lengthAt + variableBytes(length);
  for (const end = at + length; at < end; ) {
    const next = findPropertyEnd(frame, at);
    const isOurs = frame[at] === MESSAGE_EXPIRY_INTERVAL || frame[at] === TOPIC_ALIAS;
    if (!isOurs) kept.push(frame.subarray(at, next));
    at = next;
  }
  return Buffer.concat(kept);
}

function findPropertyEnd(frame: Buffer, at: number): number {
  const { length } = frame;
  switch (frame[at]) {
    case PAYLOAD_FORMAT_INDICATOR:
      return at + 2;
    case TOPIC_ALIAS:
      return at + 3;
    case MESSAGE_EXPIRY_INTERVAL:
      return at + 5;
    case USER_PROPERTY:
      return findFieldEnd(frame, findFieldEnd(frame, at + 1, length), length);
    default: // Content type, response topic, correlation data: two bytes of length each.
      return findFieldEnd(frame, at + 1, length);
  }
}
