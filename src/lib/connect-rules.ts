// What a CONNECT must be, in bytes (section 3.1 of MQTT 3.1.1 and 5.0). Used by frame-rules.ts. Its
// faults carry what CONNACK can say: a return code of MQTT 3.1.1, a reason code of MQTT 5, or 0
// where a client is told nothing.

import { isUtf8 } from "node:buffer";
import {
  byteAt,
  FrameFault,
  findFieldEnd,
  malformed,
  type ProtocolVersion,
  protocolError,
  readInteger16,
} from "./frame-fields.ts";
import { checkLength, findBody } from "./frame-head.ts";
import { checkName, checkTopic, type TopicLimits } from "./frame-texts.ts";
import {
  AUTHENTICATION_DATA,
  AUTHENTICATION_METHOD,
  checkProperties,
  findListEnd,
  IS_DEAF,
  IS_TEXT_PAYLOAD,
  PROPERTIES_ALLOWED,
} from "./property-rules.ts";

const NAME = Buffer.from("MQTT");
const NAME_OF_3_1 = Buffer.from("MQIsdp");
/** Set in the version by a Mosquitto that is a bridge; a custom, and in no specification. */
const BRIDGE_BIT = 0x80;

/** CONNACK return codes (MQTT 3.1.1 table 3.1). */
const UNACCEPTABLE_VERSION = 1;
const IDENTIFIER_REJECTED = 2;
/** Reason codes (MQTT 5 section 3.2.2.2). */
const UNSUPPORTED_VERSION = 0x84;
const PAYLOAD_FORMAT_INVALID = 0x99;
const NO_ANSWER = 0;

const RESERVED = 0x01;
const CLEAN = 0x02;
const WILL = 0x04;
const WILL_QOS = 0x18;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USER_NAME = 0x80;

/** The version that a CONNECT asks for, when its first bytes say one that is known. */
export function readVersion(bytes: Buffer): ProtocolVersion | undefined {
  const at = findBody(bytes);
  const nameEnd = at + 2 + byteAt(bytes, at + 1);
  const name = bytes.subarray(at + 2, nameEnd);
  if (!name.equals(NAME) && !name.equals(NAME_OF_3_1)) return undefined;
  const version = byteAt(bytes, nameEnd) & ~BRIDGE_BIT;
  return version === 3 || version === 4 || version === 5 ? version : undefined;
}

/** Throws a FrameFault for a CONNECT that is wrong; `start` is where its body begins. */
export function checkConnect(frame: Buffer, start: number, limits?: TopicLimits): void {
  const end = frame.length;
  const nameEnd = findFieldEnd(frame, start, end);
  const version = checkVersion(frame, start + 2, nameEnd);
  // [MQTT-2.1.3-1]; in MQTT 3.1 these bits are not used.
  if (version > 3 && byteAt(frame, 0) & 0x0f) throw malformed("wrong flags of connect");
  const flags = byteAt(frame, nameEnd + 1);
  readInteger16(frame, nameEnd + 2, end); // The keep alive: any.
  checkFlags(flags, version);
  let at = nameEnd + 4;
  if (version === 5) {
    checkLength(frame, start);
    at = skipProperties(frame, at);
  }
  const idEnd = findFieldEnd(frame, at, end);
  checkClientId(frame, at + 2, idEnd, version, flags);
  at = flags & WILL ? skipWill(frame, idEnd, version, limits) : idEnd;
  if (flags & USER_NAME) {
    const from = at + 2;
    at = findFieldEnd(frame, at, end); // [MQTT-3.1.2-17]
    checkName(frame, from, at, "user name"); // [MQTT-3.1.3-12]
  }
  if (flags & PASSWORD) at = findFieldEnd(frame, at, end); // [MQTT-3.1.2-19]
  // [MQTT-3.1.2-16], [MQTT-3.1.2-18] and [MQTT-3.1.3-1]: nothing that no flag announces.
  if (at !== end) throw malformed("wrong length");
}

function checkVersion(frame: Buffer, from: number, to: number): number {
  const name = frame.subarray(from, to);
  const version = byteAt(frame, to);
  const isName = name.equals(NAME);
  if (!isName && !name.equals(NAME_OF_3_1)) {
    // [MQTT-3.1.2-1] whoever speaks another protocol is not told that this is MQTT.
    throw new FrameFault("another protocol's name", NO_ANSWER);
  }
  if (to >= frame.length) throw new FrameFault("it is cut short", NO_ANSWER);
  const known = version & ~BRIDGE_BIT;
  if (isName && (version === 5 || known === 4)) return known;
  if (!isName && known === 3) return known;
  // [MQTT-3.1.2-2] in the words of the version that was asked for. One that nobody knows is
  // answered as MQTT 3.1.1 asks for.
  const code = version === 5 ? UNSUPPORTED_VERSION : UNACCEPTABLE_VERSION;
  throw new FrameFault(`unacceptable protocol version ${version}`, code);
}

function checkFlags(flags: number, version: number): void {
  // [MQTT-3.1.2-3]; MQTT 3.1 does not use it.
  if (flags & RESERVED && version > 3) throw malformed("the reserved flag");
  if (flags & WILL) {
    if ((flags & WILL_QOS) === WILL_QOS) throw malformed("bad will QoS"); // [MQTT-3.1.2-12]
  } else if (flags & (WILL_QOS | WILL_RETAIN)) {
    throw malformed("flags of a will that is not there"); // [MQTT-3.1.2-11], [MQTT-3.1.2-13]
  }
  // [MQTT-3.1.2-22] of MQTT 3.1.1; MQTT 5 allows it.
  if (version < 5 && (flags & (USER_NAME | PASSWORD)) === PASSWORD) {
    throw malformed("a password without a user name");
  }
}

function skipProperties(frame: Buffer, at: number): number {
  const listEnd = findListEnd(frame, at, frame.length);
  const found = checkProperties(frame, at, listEnd, PROPERTIES_ALLOWED.connect);
  // Section 3.1.2.11.10.
  if (found & AUTHENTICATION_DATA && (found & AUTHENTICATION_METHOD) === 0) {
    throw protocolError("authentication data without authentication method");
  }
  // [MQTT-3.1.2-24] no CONNACK is small enough.
  if (found & IS_DEAF) throw new FrameFault("a maximum packet size without use", NO_ANSWER);
  return listEnd;
}

function checkClientId(
  frame: Buffer,
  from: number,
  to: number,
  version: number,
  flags: number,
): void {
  checkName(frame, from, to, "client id"); // [MQTT-3.1.3-4]
  if (from < to || version === 5) return;
  // [MQTT-3.1.3-8] of MQTT 3.1.1; in MQTT 3.1 a client id has 1 to 23 characters.
  if (version === 3 || (flags & CLEAN) === 0) {
    throw new FrameFault("identifier rejected: it is empty", IDENTIFIER_REJECTED);
  }
}

function skipWill(frame: Buffer, start: number, version: number, limits?: TopicLimits): number {
  let at = start;
  let found = 0;
  if (version === 5) {
    at = findListEnd(frame, start, frame.length);
    found = checkProperties(frame, start, at, PROPERTIES_ALLOWED.will);
  }
  const topicEnd = findFieldEnd(frame, at, frame.length); // [MQTT-3.1.2-9]
  if (topicEnd === at + 2) throw malformed("an empty will topic"); // [MQTT-4.7.3-1]
  checkTopic(frame, at + 2, topicEnd, "will topic", limits); // [MQTT-3.1.3-11]
  const payloadEnd = findFieldEnd(frame, topicEnd, frame.length);
  // Section 3.1.3.2.3.
  if (found & IS_TEXT_PAYLOAD && !isUtf8(frame.subarray(topicEnd + 2, payloadEnd))) {
    throw new FrameFault("a will that should be text is not UTF-8", PAYLOAD_FORMAT_INVALID);
  }
  return payloadEnd;
}
