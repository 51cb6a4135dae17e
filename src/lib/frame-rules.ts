// What a whole packet from a client must be, in bytes, before anyone parses it or acts on it: every
// rule of MQTT 3.1, 3.1.1 and 5.0 that can be seen in the packet alone. Used by the broker's
// connection-guard.ts. What depends on the connection (a topic alias, a second CONNECT) is not
// known here. For PUBLISH and its acknowledgements a good packet costs no memory, and a payload is
// not looked at unless it says that it is text.

import { isUtf8 } from "node:buffer";
import { checkConnect } from "./connect-rules.ts";
import {
  byteAt,
  FrameFault,
  findFieldEnd,
  malformed,
  type ProtocolVersion,
  protocolError,
} from "./frame-fields.ts";
import {
  CONNECT,
  checkFlags,
  checkIdentifier,
  checkLength,
  DISCONNECT,
  FLAGS_OF_REQUESTS,
  findBody,
  PINGREQ,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  SUBSCRIBE,
  typeNameOf,
  UNSUBSCRIBE,
} from "./frame-head.ts";
import { checkTopic, type TopicLimits } from "./frame-texts.ts";
import {
  checkProperties,
  findListEnd,
  IS_TEXT_PAYLOAD,
  PROPERTIES_ALLOWED,
  TOPIC_ALIAS,
} from "./property-rules.ts";
import { checkSubscribe, checkUnsubscribe } from "./subscribe-rules.ts";

export type FrameProblem = {
  /** Why, for the log. */
  readonly words: string;
  /**
   * What the client is told: a reason code of MQTT 5 (0x80 and above). For CONNECT also a return
   * code of MQTT 3.1.1 (1 or 2), and 0 when it is told nothing.
   */
  readonly reasonCode: number;
};

const PAYLOAD_FORMAT_INVALID = 0x99;

// What a client may say, by packet. [MQTT-3.4.2-1], [MQTT-3.5.2-1], [MQTT-3.6.2-1],
// [MQTT-3.7.2-1] and [MQTT-3.14.2-1]; sections 3.4.2.1 and 3.14.2.1 say who may send which.
const RECEIVED_CODES = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const RELEASED_CODES = [0x00, 0x92];
const DISCONNECT_CODES = [
  0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
];

/**
 * Why a whole packet, header included, is not one that a client may send; undefined when it is
 * well formed. `version` is the connection's; CONNECT brings its own.
 */
export function findFrameProblem(
  frame: Buffer,
  version: ProtocolVersion,
  limits?: TopicLimits,
): FrameProblem | undefined {
  try {
    checkFrame(frame, version, limits);
    return undefined;
  } catch (fault) {
    if (!(fault instanceof FrameFault)) throw fault;
    return { words: fault.message, reasonCode: fault.reasonCode };
  }
}

function checkFrame(frame: Buffer, version: ProtocolVersion, limits?: TopicLimits): void {
  const at = findBody(frame);
  if (version === 5) checkLength(frame, at);
  switch (byteAt(frame, 0) >> 4) {
    case PUBLISH:
      return checkPublish(frame, at, version, limits);
    case PUBACK:
    case PUBREC:
      return checkAcknowledgement(frame, at, version, 0, RECEIVED_CODES);
    case PUBREL:
      return checkAcknowledgement(frame, at, version, FLAGS_OF_REQUESTS, RELEASED_CODES);
    case PUBCOMP:
      return checkAcknowledgement(frame, at, version, 0, RELEASED_CODES);
    case SUBSCRIBE:
      return checkSubscribe(frame, at, version, limits);
    case UNSUBSCRIBE:
      return checkUnsubscribe(frame, at, version, limits);
    case PINGREQ:
      checkFlags(frame, version, 0);
      if (at !== frame.length) throw malformed("a PINGREQ with a body"); // Section 3.12.
      return;
    case DISCONNECT:
      return checkDisconnect(frame, at, version);
    case CONNECT:
      return checkConnect(frame, at, limits);
    default:
      // The others are a server's. AUTH needs an authentication method [MQTT-4.12.0-7], and none
      // is accepted; MQTT 3.1.1 has no AUTH.
      throw protocolError(`unexpected ${typeNameOf(frame)}`);
  }
}

function checkPublish(
  frame: Buffer,
  start: number,
  version: ProtocolVersion,
  limits?: TopicLimits,
): void {
  const flags = byteAt(frame, 0);
  const hasIdentifier = (flags & 0x06) !== 0;
  if ((flags & 0x06) === 0x06) throw malformed("QoS 3"); // [MQTT-3.3.1-4]
  if (!hasIdentifier && flags & 0x08) throw malformed("DUP on QoS 0"); // [MQTT-3.3.1-2]
  let at = findFieldEnd(frame, start, frame.length);
  const hasTopic = at > start + 2;
  checkTopic(frame, start + 2, at, "topic", limits); // [MQTT-3.3.2-1]
  if (hasIdentifier) {
    checkIdentifier(frame, at);
    at += 2;
  }
  if (version < 5) {
    if (!hasTopic) throw malformed("no topic"); // [MQTT-4.7.3-1]
    return;
  }
  const listEnd = findListEnd(frame, at, frame.length);
  const found = checkProperties(frame, at, listEnd, PROPERTIES_ALLOWED.publish);
  // Section 3.3.2.1.
  if (!hasTopic && (found & TOPIC_ALIAS) === 0) throw protocolError("no topic");
  // Section 3.3.2.3.2.
  if (found & IS_TEXT_PAYLOAD && !isUtf8(frame.subarray(listEnd))) {
    throw new FrameFault("a payload that should be text is not UTF-8", PAYLOAD_FORMAT_INVALID);
  }
}

function checkAcknowledgement(
  frame: Buffer,
  at: number,
  version: ProtocolVersion,
  flags: number,
  reasonCodes: readonly number[],
): void {
  checkFlags(frame, version, flags); // [MQTT-3.6.1-1] for PUBREL.
  checkIdentifier(frame, at);
  const codeAt = at + 2;
  if (codeAt === frame.length) return;
  if (version < 5) throw malformed("wrong length");
  checkReason(frame, codeAt, reasonCodes, PROPERTIES_ALLOWED.acknowledgement);
}

/** A reason code and, when it is not the last byte, a property list (section 3.4.2.2.1). */
function checkReason(
  frame: Buffer,
  at: number,
  reasonCodes: readonly number[],
  allowed: number,
): void {
  const code = byteAt(frame, at);
  if (!reasonCodes.includes(code)) throw protocolError(`reason code ${code} in this packet`);
  if (at + 1 < frame.length) checkWholeList(frame, at + 1, allowed);
}

/** A property list behind which the packet ends. */
function checkWholeList(frame: Buffer, at: number, allowed: number): void {
  const listEnd = findListEnd(frame, at, frame.length);
  if (listEnd < frame.length) throw malformed("the property list has a wrong length");
  checkProperties(frame, at, listEnd, allowed);
}

function checkDisconnect(frame: Buffer, at: number, version: ProtocolVersion): void {
  checkFlags(frame, version, 0); // [MQTT-3.14.1-1]
  if (at === frame.length) return;
  if (version < 5) throw malformed("a DISCONNECT with a body");
  checkReason(frame, at, DISCONNECT_CODES, PROPERTIES_ALLOWED.disconnect);
}
