// MQTT packets built byte by byte, right or wrong: what a real client would refuse to send.

/** Bytes, or a text that stands for its UTF-8 bytes. */
type Part = Uint8Array | string | readonly number[];

/** A whole packet: the first byte, the true remaining length, and the parts one after the other. */
export function packetBytes(firstByte: number, ...parts: readonly Part[]): Buffer {
  const body = joinParts(parts);
  return Buffer.concat([Buffer.from([firstByte]), variableInteger(body.length), body]);
}

/** A string or binary field: two bytes of length, which `claimed` lies about, then its bytes. */
export function field(part: Part, claimed?: number): Buffer {
  const bytes = toBytes(part);
  return Buffer.concat([integer16(claimed ?? bytes.length), bytes]);
}

/** A property list with its length in front. */
export function propertyList(...parts: readonly Part[]): Buffer {
  const body = joinParts(parts);
  return Buffer.concat([variableInteger(body.length), body]);
}

export function integer16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

export function variableInteger(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest >>= 7) {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  }
  return Buffer.from(bytes);
}

export type ConnectParts = {
  readonly version?: 3 | 4 | 5;
  /** Clean start alone when absent. */
  readonly flags?: number;
  readonly clientId?: Part;
  /** Version 5: the body of the property list. */
  readonly properties?: Part;
  /** Will, user name and password, as they stand after the client id. */
  readonly rest?: readonly Part[];
};

export function connectBytes({
  version = 5,
  flags = 0x02,
  clientId = "raw",
  properties = [],
  rest = [],
}: ConnectParts): Buffer {
  const name = field(version === 3 ? "MQIsdp" : "MQTT");
  const head = [name, [version, flags, 0, 60]];
  const list = version === 5 ? [propertyList(properties)] : [];
  return packetBytes(0x10, ...head, ...list, field(clientId), ...rest);
}

function joinParts(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map(toBytes));
}

function toBytes(part: Part): Uint8Array {
  return typeof part === "string" ? Buffer.from(part) : Uint8Array.from(part);
}
