// The strings of an MQTT packet in bytes: names, texts, topics and filters (MQTT 5 sections 1.5.4
// and 4.7). Used by the frame rules. What is wrong is thrown as a FrameFault.

import { isUtf8 } from "node:buffer";
import { byteAt, FrameFault, malformed, protocolError } from "./frame-fields.ts";

/** What a broker takes of topics and filters; without limits, what the protocol allows. */
export type TopicLimits = {
  /** The longest in bytes. */
  readonly topicBytesMax: number;
  readonly topicLevelsMax: number;
};

/** Reason codes for what is well formed and yet not accepted (MQTT 5 section 2.4). */
const TOPIC_FILTER_INVALID = 0x8f;
const TOPIC_NAME_INVALID = 0x90;

const SHARE = Buffer.from("$share/");
const SLASH = 0x2f;
const PLUS = 0x2b;
const HASH = 0x23;

// What `scan` finds: bits, and above them the number of slashes.
const HAS_NUL = 1;
const HAS_CONTROL = 2;
const HAS_WILDCARD = 4;
const IS_LONG = 8; // More than ASCII.
const ONE_SLASH = 16;
const BITS = createBits();

/** Ids, user names, topics and filters: they stand in logs and in ACLs. */
export function checkName(frame: Buffer, from: number, to: number, what: string): number {
  const found = scan(frame, from, to);
  if (found & HAS_NUL) throw malformed(`NUL in the ${what}`); // [MQTT-1.5.4-2]
  // Section 1.5.4 lets a server take control characters for malformed.
  if (found & HAS_CONTROL) throw malformed(`the ${what} has forbidden characters`);
  if (found & IS_LONG) checkLong(frame, from, to, what, true);
  return found;
}

/** Any other text: in a user property a line break may be meant. */
export function checkText(frame: Buffer, from: number, to: number, what: string): void {
  const found = scan(frame, from, to);
  if (found & HAS_NUL) throw malformed(`NUL in the ${what}`); // [MQTT-1.5.4-2]
  if (found & IS_LONG) checkLong(frame, from, to, what, false);
}

/** The topic of a message or a will. */
export function checkTopic(
  frame: Buffer,
  from: number,
  to: number,
  what: string,
  limits?: TopicLimits,
): void {
  const found = checkName(frame, from, to, what);
  if (found & HAS_WILDCARD) throw malformed(`the ${what} has a wildcard`); // [MQTT-3.3.2-2]
  if (limits) checkLimits(found, to - from, limits, TOPIC_NAME_INVALID);
}

/** [MQTT-3.3.2-14] A response topic is a topic; with a wildcard it is not malformed, only wrong. */
export function checkResponseTopic(frame: Buffer, from: number, to: number): void {
  if (from === to) throw malformed("an empty response topic"); // [MQTT-4.7.3-1]
  const found = checkName(frame, from, to, "response topic");
  if (found & HAS_WILDCARD) throw protocolError("the response topic has a wildcard");
}

/** A filter of SUBSCRIBE or UNSUBSCRIBE; `canShare` in MQTT 5. Whether it is a shared one. */
export function checkFilter(
  frame: Buffer,
  from: number,
  to: number,
  canShare: boolean,
  limits?: TopicLimits,
): boolean {
  if (from === to) throw malformed("an empty topic filter"); // [MQTT-4.7.3-1]
  const found = checkName(frame, from, to, "topic filter");
  if (found & HAS_WILDCARD) checkWildcards(frame, from, to);
  if (limits) checkLimits(found, to - from, limits, TOPIC_FILTER_INVALID);
  const isShared = canShare && startsWithShare(frame, from, to);
  if (isShared) checkShare(frame, from + SHARE.length, to);
  return isShared;
}

function createBits(): Uint8Array {
  const bits = new Uint8Array(256);
  bits.fill(HAS_CONTROL, 0, 0x20);
  bits.fill(IS_LONG, 0x80);
  bits[0] = HAS_NUL;
  bits[0x7f] = HAS_CONTROL;
  bits[PLUS] = HAS_WILDCARD;
  bits[HASH] = HAS_WILDCARD;
  bits[SLASH] = 0;
  return bits;
}

function scan(frame: Buffer, from: number, to: number): number {
  let found = 0;
  let slashes = 0;
  for (let at = from; at < to; at++) {
    const byte = byteAt(frame, at);
    if (byte === SLASH) slashes += ONE_SLASH;
    found |= BITS[byte] ?? 0;
  }
  return slashes + found;
}

/** What is not ASCII alone. */
function checkLong(frame: Buffer, from: number, to: number, what: string, isName: boolean): void {
  // [MQTT-1.5.4-1] surrogates and over-long forms are no UTF-8 either.
  if (!isUtf8(frame.subarray(from, to))) throw malformed(`the ${what} is not UTF-8`);
  for (let at = from; at < to; at++) {
    const lead = byteAt(frame, at);
    const isBad = lead === 0xc2 ? isName && byteAt(frame, at + 1) < 0xa0 : false;
    // U+FFFD is what parsers leave where there was no UTF-8: receivers take it for that.
    const isSpecial = lead === 0xef && byteAt(frame, at + 1) === 0xbf;
    const last = isSpecial ? byteAt(frame, at + 2) : 0;
    if (isBad || last === 0xbd || (isName && last > 0xbd)) {
      throw malformed(`the ${what} has forbidden characters`);
    }
  }
}

function checkLimits(
  found: number,
  bytes: number,
  { topicBytesMax, topicLevelsMax }: TopicLimits,
  reasonCode: number,
): void {
  if (bytes > topicBytesMax) throw new FrameFault(`more than ${topicBytesMax} bytes`, reasonCode);
  if (found >= topicLevelsMax * ONE_SLASH) {
    throw new FrameFault(`more than ${topicLevelsMax} levels`, reasonCode);
  }
}

function checkWildcards(frame: Buffer, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const byte = byteAt(frame, at);
    if (byte !== PLUS && byte !== HASH) continue;
    const isFirst = at === from || byteAt(frame, at - 1) === SLASH;
    const isLast = at + 1 === to;
    // [MQTT-4.7.1-1] # is the last level, [MQTT-4.7.1-2] + and # stand alone in theirs.
    if (!isFirst || (!isLast && (byte === HASH || byteAt(frame, at + 1) !== SLASH))) {
      throw malformed("malformed topic filter");
    }
  }
}

function startsWithShare(frame: Buffer, from: number, to: number): boolean {
  if (to - from < SHARE.length) return false;
  return SHARE.every((byte, at) => byteAt(frame, from + at) === byte);
}

function checkShare(frame: Buffer, from: number, to: number): void {
  let nameEnd = from;
  while (nameEnd < to && byteAt(frame, nameEnd) !== SLASH) nameEnd += 1;
  // [MQTT-4.8.2-1] a name, and [MQTT-4.8.2-2] a filter behind it; no wildcard in the name.
  const isWhole = nameEnd > from && nameEnd + 1 < to;
  if (!isWhole || scan(frame, from, nameEnd) & HAS_WILDCARD) {
    throw protocolError("malformed shared subscription");
  }
}
