// What a SUBSCRIBE and an UNSUBSCRIBE must be, in bytes (sections 3.8 and 3.10). Used by
// frame-rules.ts.

import {
  byteAt,
  findFieldEnd,
  malformed,
  type ProtocolVersion,
  protocolError,
} from "./frame-fields.ts";
import { checkFlags, checkIdentifier, FLAGS_OF_REQUESTS } from "./frame-head.ts";
import { checkFilter, type TopicLimits } from "./frame-texts.ts";
import { checkProperties, findListEnd, PROPERTIES_ALLOWED } from "./property-rules.ts";

export function checkSubscribe(
  frame: Buffer,
  start: number,
  version: ProtocolVersion,
  limits?: TopicLimits,
): void {
  checkFlags(frame, version, FLAGS_OF_REQUESTS); // [MQTT-3.8.1-1]
  const first = skipRequestHead(frame, start, version, PROPERTIES_ALLOWED.subscribe);
  if (first === frame.length) throw protocolError("no topic filter"); // [MQTT-3.8.3-2]
  for (let at = first; at < frame.length; at++) {
    const from = at + 2;
    at = findFieldEnd(frame, at, frame.length);
    // [MQTT-3.8.3-1]
    const isShared = checkFilter(frame, from, at, version === 5, limits);
    if (at === frame.length) throw malformed("a topic filter without options"); // Section 3.8.3.
    checkOptions(byteAt(frame, at), version, isShared);
  }
}

function checkOptions(options: number, version: ProtocolVersion, isShared: boolean): void {
  // [MQTT-3.8.3-5]; of MQTT 3.1.1, [MQTT-3-8.3-4].
  if (options & (version === 5 ? 0xc0 : 0xfc)) throw malformed("wrong bits of a topic filter");
  // Section 3.8.3.1 for the next three; [MQTT-3.8.3-4] is the last.
  if ((options & 0x03) === 3) throw protocolError("a topic filter with QoS 3");
  if ((options & 0x30) === 0x30) throw protocolError("retain handling 3");
  if (isShared && options & 0x04) throw protocolError("No Local on a shared subscription");
}

export function checkUnsubscribe(
  frame: Buffer,
  start: number,
  version: ProtocolVersion,
  limits?: TopicLimits,
): void {
  checkFlags(frame, version, FLAGS_OF_REQUESTS); // [MQTT-3.10.1-1]
  let at = skipRequestHead(frame, start, version, PROPERTIES_ALLOWED.unsubscribe);
  if (at === frame.length) throw protocolError("no topic filter"); // [MQTT-3.10.3-2]
  while (at < frame.length) {
    const from = at + 2;
    at = findFieldEnd(frame, at, frame.length);
    checkFilter(frame, from, at, version === 5, limits); // [MQTT-3.10.3-1]
  }
}

/** The packet identifier and the property list; gives where the filters begin. */
function skipRequestHead(
  frame: Buffer,
  at: number,
  version: ProtocolVersion,
  allowed: number,
): number {
  checkIdentifier(frame, at);
  if (version < 5) return at + 2;
  const listEnd = findListEnd(frame, at + 2, frame.length);
  checkProperties(frame, at + 2, listEnd, allowed);
  return listEnd;
}
