// The property list of an MQTT 5 packet in bytes (sections 2.2.2 and 3): which properties a client
// may put where, how often, and with what values. Used by frame-rules.ts and connect-rules.ts.

import {
  byteAt,
  FrameFault,
  findFieldEnd,
  malformed,
  protocolError,
  readInteger16,
  readInteger32,
  readVariable,
  variableBytes,
} from "./frame-fields.ts";
import { checkResponseTopic, checkText } from "./frame-texts.ts";

type Kind = "flag" | "integer16" | "integer32" | "variable" | "text" | "topic" | "bytes" | "pair";
type Property = {
  readonly name: string;
  readonly kind: Kind;
  /** Its bit in what `checkProperties` gives. */
  readonly bit: number;
  /** The reason code when its value is 0 and must not be. */
  readonly zero: number;
};

/** Reason code (MQTT 5 section 2.4). */
const TOPIC_ALIAS_INVALID = 0x94;

/** MQTT 5 table 2-4, by identifier. */
const PROPERTIES: readonly (Property | undefined)[] = createTable({
  1: ["payloadFormatIndicator", "flag"],
  2: ["messageExpiryInterval", "integer32"],
  3: ["contentType", "text"],
  8: ["responseTopic", "topic"],
  9: ["correlationData", "bytes"],
  11: ["subscriptionIdentifier", "variable", 0x82],
  17: ["sessionExpiryInterval", "integer32"],
  18: ["assignedClientIdentifier", "text"],
  19: ["serverKeepAlive", "integer16"],
  21: ["authenticationMethod", "text"],
  22: ["authenticationData", "bytes"],
  23: ["requestProblemInformation", "flag"],
  24: ["willDelayInterval", "integer32"],
  25: ["requestResponseInformation", "flag"],
  26: ["responseInformation", "text"],
  28: ["serverReference", "text"],
  31: ["reasonString", "text"],
  33: ["receiveMaximum", "integer16", 0x82],
  34: ["topicAliasMaximum", "integer16"],
  35: ["topicAlias", "integer16", TOPIC_ALIAS_INVALID], // [MQTT-3.3.2-8]
  36: ["maximumQoS", "flag"],
  37: ["retainAvailable", "flag"],
  38: ["userProperties", "pair"],
  39: ["maximumPacketSize", "integer32", 0x82],
  40: ["wildcardSubscriptionAvailable", "flag"],
  41: ["subscriptionIdentifiersAvailable", "flag"],
  42: ["sharedSubscriptionAvailable", "flag"],
});

type Row = readonly [name: string, kind: Kind, zero?: number];

function createTable(rows: Readonly<Record<number, Row>>): readonly (Property | undefined)[] {
  const table: (Property | undefined)[] = [];
  Object.entries(rows).forEach(([identifier, [name, kind, zero = 0]], at) => {
    table[Number(identifier)] = { name, kind, zero, bit: 1 << at };
  });
  return table;
}

/** The bits of properties by identifier. */
function bitsOf(...identifiers: readonly number[]): number {
  return identifiers.reduce((bits, identifier) => bits | (PROPERTIES[identifier]?.bit ?? 0), 0);
}

/** Which properties a client may send, by the packet that carries them. */
export const PROPERTIES_ALLOWED = {
  connect: bitsOf(0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27),
  will: bitsOf(0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26),
  publish: bitsOf(0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26),
  acknowledgement: bitsOf(0x1f, 0x26),
  subscribe: bitsOf(0x0b, 0x26),
  unsubscribe: bitsOf(0x26),
  disconnect: bitsOf(0x11, 0x1c, 0x1f, 0x26),
} as const;

/** Found: a topic alias. */
export const TOPIC_ALIAS = bitsOf(0x23);
export const AUTHENTICATION_METHOD = bitsOf(0x15);
export const AUTHENTICATION_DATA = bitsOf(0x16);
/** Found: a payload format indicator of 1, the payload is UTF-8. */
export const IS_TEXT_PAYLOAD = 1 << 27;
/** Found: a maximum packet size that not even the smallest CONNACK fits into. */
export const IS_DEAF = 1 << 28;

const USER_PROPERTIES = bitsOf(0x26);
const SUBSCRIPTION_IDENTIFIER = bitsOf(0x0b);
const PAYLOAD_FORMAT_INDICATOR = bitsOf(0x01);
const MAXIMUM_PACKET_SIZE = bitsOf(0x27);
const CONNACK_BYTES_MIN = 5;

/** Where the list at `at`, with its length, ends. Section 2.2.2.1: there is always a length. */
export function findListEnd(frame: Buffer, at: number, end: number): number {
  const length = readVariable(frame, at, end); // [MQTT-2.2.2-1]
  const listEnd = at + variableBytes(length) + length;
  if (listEnd > end) throw malformed("the property list is longer than the packet");
  return listEnd;
}

/** Checks the list between its length at `at` and its end; gives the bits of what is in it. */
export function checkProperties(frame: Buffer, at: number, end: number, allowed: number): number {
  let seen = 0;
  let next = at + variableBytes(readVariable(frame, at, end));
  while (next < end) {
    const identifier = readVariable(frame, next, end);
    const property = PROPERTIES[identifier];
    if (!property) throw malformed(`unknown property ${identifier}`); // Section 2.2.2.2.
    next += variableBytes(identifier);
    const valueEnd = findValueEnd(frame, next, end, property.kind);
    seen |= checkUse(property, seen, allowed) | checkValue(frame, next, valueEnd, property);
    next = valueEnd;
  }
  return seen;
}

function findValueEnd(frame: Buffer, at: number, end: number, kind: Kind): number {
  const valueEnd = toValueEnd(frame, at, end, kind);
  if (valueEnd > end) throw malformed("a property is cut short");
  return valueEnd;
}

function toValueEnd(frame: Buffer, at: number, end: number, kind: Kind): number {
  switch (kind) {
    case "flag":
      return at + 1;
    case "integer16":
      return at + 2;
    case "integer32":
      return at + 4;
    case "variable":
      return at + variableBytes(readVariable(frame, at, end));
    case "pair": // [MQTT-1.5.7-1]
      return findFieldEnd(frame, findFieldEnd(frame, at, end), end);
    default:
      return findFieldEnd(frame, at, end);
  }
}

function checkUse({ name, bit }: Property, seen: number, allowed: number): number {
  // Sections 2.2.2.2 and 3: twice is a protocol error, where it does not belong is malformed.
  if (seen & bit && bit !== USER_PROPERTIES) throw protocolError(`property ${name} twice`);
  if (allowed & bit) return bit;
  if (bit === SUBSCRIPTION_IDENTIFIER && allowed === PROPERTIES_ALLOWED.publish) {
    throw protocolError("subscription identifier from a client"); // [MQTT-3.3.4-6]
  }
  throw malformed(`property ${name} is not allowed here`);
}

/** Throws for a wrong value; gives the bits that a value sets. */
function checkValue(frame: Buffer, at: number, end: number, property: Property): number {
  const { name, kind } = property;
  switch (kind) {
    case "flag":
      if (byteAt(frame, at) > 1) throw protocolError(`property ${name} is neither 0 nor 1`);
      return property.bit === PAYLOAD_FORMAT_INDICATOR && frame[at] === 1 ? IS_TEXT_PAYLOAD : 0;
    case "integer16":
      return checkZero(readInteger16(frame, at, end), property);
    case "integer32":
      return checkZero(readInteger32(frame, at, end), property);
    case "variable":
      return checkZero(readVariable(frame, at, end), property);
    case "text":
      checkText(frame, at + 2, end, `property ${name}`);
      return 0;
    case "topic":
      checkResponseTopic(frame, at + 2, end);
      return 0;
    case "pair": {
      const middle = findFieldEnd(frame, at, end);
      checkText(frame, at + 2, middle, `property ${name}`);
      checkText(frame, middle + 2, end, `property ${name}`);
      return 0;
    }
    default:
      return 0;
  }
}

function checkZero(value: number, { name, zero, bit }: Property): number {
  if (value === 0 && zero > 0) throw new FrameFault(`property ${name} is 0`, zero);
  return bit === MAXIMUM_PACKET_SIZE && value < CONNACK_BYTES_MIN ? IS_DEAF : 0;
}
