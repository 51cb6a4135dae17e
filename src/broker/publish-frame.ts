// The bytes of a PUBLISH packet on its way to a client (MQTT 5 section 3.3). Pure. A broker writes
// more of these than of anything else: one buffer each, and no walk through a packet object.

import type { MessageProperties, QoS } from "../topics/message.ts";

/** In what form one client gets a message. */
export type FrameShape = {
  readonly version: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly duplicate: boolean;
  /** Subscription identifiers of all its filters that match. */
  readonly identifiers?: readonly number[] | undefined;
  readonly alias?: Alias | undefined;
};

/** A topic alias of this connection; `isKnown` when the client has been told its topic. */
export type Alias = { readonly alias: number; readonly isKnown: boolean };

export type Frame = {
  readonly bytes: Buffer;
  /** Where the two bytes of the packet identifier are; 0 with QoS 0. */
  readonly identifierAt: number;
};

type Content = {
  readonly topic: string;
  readonly payload: Buffer;
  readonly expiresAtMs: number;
  readonly encodedProperties: Buffer;
};

/** Property identifiers (MQTT 5 table 2-4). */
const PAYLOAD_FORMAT_INDICATOR = 1;
const MESSAGE_EXPIRY_INTERVAL = 2;
const CONTENT_TYPE = 3;
const RESPONSE_TOPIC = 8;
const CORRELATION_DATA = 9;
const SUBSCRIPTION_IDENTIFIER = 11;
const TOPIC_ALIAS = 35;
const USER_PROPERTY = 38;

export function buildFrame(content: Content, shape: FrameShape): Frame {
  const { payload } = content;
  const topic = shape.alias?.isKnown ? "" : content.topic;
  const topicBytes = Buffer.byteLength(topic);
  const own = shape.version === 5 ? encodeOwnProperties(content, shape) : undefined;
  const properties = own ? own.length + content.encodedProperties.length : 0;
  const propertyBytes = own ? sizeOfNumber(properties) + properties : 0;
  const identifierBytes = shape.qos > 0 ? 2 : 0;
  const remaining = 2 + topicBytes + identifierBytes + propertyBytes + payload.length;

  const bytes = Buffer.allocUnsafe(1 + sizeOfNumber(remaining) + remaining);
  bytes[0] = 0x30 | (Number(shape.duplicate) << 3) | (shape.qos << 1) | Number(shape.retain);
  let at = writeNumber(bytes, 1, remaining);
  at = writeLength(bytes, at, topicBytes);
  at += topicBytes > 0 ? bytes.write(topic, at) : 0;
  const identifierAt = identifierBytes && at;
  at += identifierBytes;
  if (own) {
    at = writeNumber(bytes, at, properties);
    bytes.set(own, at);
    bytes.set(content.encodedProperties, at + own.length);
    at += properties;
  }
  bytes.set(payload, at);
  return { bytes, identifierAt };
}

/** Properties of an application, as they go out to every receiver; without their length. */
export function encodeProperties(properties: MessageProperties): Buffer {
  const { payloadFormatIndicator, contentType, responseTopic, correlationData } = properties;
  const parts: Uint8Array[] = [];
  if (payloadFormatIndicator !== undefined) {
    parts.push(Buffer.of(PAYLOAD_FORMAT_INDICATOR, Number(payloadFormatIndicator)));
  }
  if (contentType !== undefined) parts.push(Buffer.of(CONTENT_TYPE), toText(contentType));
  if (responseTopic !== undefined) parts.push(Buffer.of(RESPONSE_TOPIC), toText(responseTopic));
  if (correlationData) parts.push(Buffer.of(CORRELATION_DATA), toBinary(correlationData));
  for (const [name, value] of Object.entries(properties.userProperties ?? {})) {
    for (const one of typeof value === "string" ? [value] : value) {
      parts.push(Buffer.of(USER_PROPERTY), toText(name), toText(one));
    }
  }
  return Buffer.concat(parts);
}

// What differs from receiver to receiver, or with time.
function encodeOwnProperties({ expiresAtMs }: Content, shape: FrameShape): Buffer {
  const { identifiers, alias } = shape;
  const mayExpire = expiresAtMs !== Infinity;
  if (!mayExpire && !identifiers && !alias) return EMPTY;
  const parts: Buffer[] = [];
  if (mayExpire) {
    // [MQTT-3.3.2-6] what is left of it.
    const seconds = Math.max(1, Math.ceil((expiresAtMs - Date.now()) / 1000));
    const part = Buffer.alloc(5, MESSAGE_EXPIRY_INTERVAL);
    part.writeUInt32BE(Math.min(seconds, 0xffff_ffff), 1);
    parts.push(part);
  }
  if (alias) parts.push(Buffer.of(TOPIC_ALIAS, alias.alias >> 8, alias.alias & 0xff));
  for (const identifier of identifiers ?? []) {
    const part = Buffer.alloc(1 + sizeOfNumber(identifier), SUBSCRIPTION_IDENTIFIER);
    writeNumber(part, 1, identifier);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
const EMPTY = Buffer.alloc(0);

function toText(text: string): Buffer {
  return toBinary(Buffer.from(text));
}

function toBinary(data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(2 + data.length);
  writeLength(bytes, 0, data.length);
  bytes.set(data, 2);
  return bytes;
}

/** How many bytes a variable byte integer takes (section 1.5.5). */
function sizeOfNumber(value: number): number {
  if (value < 128) return 1;
  if (value < 16_384) return 2;
  return value < 2_097_152 ? 3 : 4;
}

function writeNumber(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128;
    rest >>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function writeLength(bytes: Buffer, at: number, length: number): number {
  bytes[at] = length >> 8;
  bytes[at + 1] = length & 0xff;
  return at + 2;
}
