// The few MQTT 5 packets that the benchmark speaks, as bytes. Hand-written, because the load
// generator must cost far less than what it measures; everything else uses mqtt.js.

export const REQUEST_TOPIC = "devices/update";
export const ANSWER_FILTER = "devices/update/status/#";

export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const DISCONNECT_BYTES = Buffer.from([0xe0, 0]);

/** PUBACK reason code "No matching subscribers" (MQTT 5 section 3.4.2.1). */
export const NO_MATCHING_SUBSCRIBERS = 0x10;
export const FAILURE_MIN = 0x80;

const KEEPALIVE_SECONDS = 600;
const CLEAN_START = 0x02;

export type ConnectOptions = {
  /** True when absent. */
  readonly isCleanStart?: boolean;
  /** How long the session outlives its connection; none when absent. */
  readonly sessionExpirySeconds?: number;
  /** Messages that the client takes before it has acknowledged them; 65,535 when absent. */
  readonly receiveMaximum?: number;
};

/** CONNECT without login and will. */
export function encodeConnect(clientId: string, options: ConnectOptions = {}): Buffer {
  const { isCleanStart = true, sessionExpirySeconds, receiveMaximum } = options;
  const properties: number[] = [];
  if (sessionExpirySeconds !== undefined) properties.push(0x11, ...toFour(sessionExpirySeconds));
  if (receiveMaximum !== undefined) properties.push(0x21, ...toTwo(receiveMaximum));
  const flags = isCleanStart ? CLEAN_START : 0;
  const head = [5, flags, ...toTwo(KEEPALIVE_SECONDS), properties.length, ...properties];
  return encodePacket(CONNECT << 4, encodeText("MQTT"), Buffer.from(head), encodeText(clientId));
}

/** SUBSCRIBE to one filter, as packet 1. */
export function encodeSubscribe(filter: string, qos: 0 | 1 = 1): Buffer {
  return encodePacket(0x82, Buffer.from([0, 1, 0]), encodeText(filter), Buffer.from([qos]));
}

export type PublishOptions = { readonly qos?: 0 | 1; readonly isRetained?: boolean };

/**
 * A PUBLISH with packet identifier 0, and where to put the true one (two bytes); with QoS 0 there
 * is none to put. QoS 1 when absent.
 */
export function encodePublish(
  topic: string,
  payload: string | Buffer,
  { qos = 1, isRetained = false }: PublishOptions = {},
): { bytes: Buffer; at: number } {
  const body = typeof payload === "string" ? Buffer.from(payload) : payload;
  const first = (PUBLISH << 4) | (qos << 1) | Number(isRetained);
  const middle = Buffer.from(qos === 1 ? [0, 0, 0] : [0]);
  const bytes = encodePacket(first, encodeText(topic), middle, body);
  return { bytes, at: bytes.length - body.length - 3 };
}

export function encodePuback(identifier: number): Buffer {
  return Buffer.from([PUBACK << 4, 2, identifier >> 8, identifier & 255]);
}

export type PublishFields = {
  readonly identifier: number;
  readonly payloadStart: number;
};

/** Where the parts of a QoS 1 PUBLISH are; `start` is behind its fixed header. */
export function parsePublish(bytes: Buffer, start: number): PublishFields {
  const identifierAt = start + 2 + readTwo(bytes, start);
  const properties = readVariable(bytes, identifierAt + 2);
  return {
    identifier: readTwo(bytes, identifierAt),
    payloadStart: properties.next + properties.value,
  };
}

export function readTwo(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Takes one packet: its first byte, and where its body is in `bytes`. */
export type OnPacket = (first: number, bytes: Buffer, start: number, end: number) => void;
type TakeBytes = (chunk: Buffer) => void;

/** Cuts a byte stream into packets. What `onPacket` gets is valid during its call only. */
export function createPacketReader(onPacket: OnPacket): TakeBytes {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    let at = 0;
    while (at + 2 <= bytes.length) {
      const { value: length, next } = readVariable(bytes, at + 1);
      if (next + length > bytes.length) break;
      onPacket(bytes[at] ?? 0, bytes, next, next + length);
      at = next + length;
    }
    rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  };
}

// A Variable Byte Integer (section 1.5.5). One that is cut off reads as endless.
function readVariable(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0;
  for (let digit = 0; digit < 4; digit++) {
    const byte = bytes[at + digit];
    if (byte === undefined) break;
    value |= (byte & 127) << (digit * 7);
    if (byte < 128) return { value, next: at + digit + 1 };
  }
  return { value: Number.POSITIVE_INFINITY, next: at };
}

function encodePacket(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = [first];
  for (let left = body.length, more = true; more; ) {
    const digit = left & 127;
    left >>= 7;
    more = left > 0;
    head.push(more ? digit | 128 : digit);
  }
  return Buffer.concat([Buffer.from(head), body]);
}

function toTwo(value: number): number[] {
  return [value >> 8, value & 255];
}

function toFour(value: number): number[] {
  return [...toTwo(value >>> 16), ...toTwo(value & 0xffff)];
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}
