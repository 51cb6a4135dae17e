// Messages on their way to the history's thread: one buffer, filled here and read there. A message
// costs a copy of its bytes, and nothing for the collector. Used by history and history-writing.

import type { ObservedMessage } from "./observation.ts";
import { formatProperties } from "./property-json.ts";

/** What is recorded of one message, as the thread reads it. */
export type BatchedMessage = {
  readonly id: number;
  readonly topic: string;
  readonly qos: number;
  readonly retain: number;
  /** Of the whole payload; `payload` may be only its beginning. */
  readonly payloadBytes: number;
  readonly properties: string | null;
  readonly payload: Uint8Array;
};

export type Batch = {
  /** False when it has no room for the message. */
  readonly add: (message: ObservedMessage) => boolean;
  /** Bytes in it. */
  readonly length: number;
  readonly count: number;
  readonly buffer: ArrayBuffer;
};

/** id 8, payload bytes 4, kept bytes 4, topic bytes 4, properties bytes 4, flags 4 */
const HEAD_BYTES = 28;
const RETAIN = 4;
/** UTF-8 has at most so many for one of JavaScript's. */
const BYTES_PER_CHARACTER = 3;
/** Says that there are no properties, which is not the same as none in them. */
const NO_PROPERTIES = 0xffff_ffff;

/** An empty batch in that buffer; of a payload it takes no more than `payloadBytesMax`. */
export function createBatch(buffer: ArrayBuffer, payloadBytesMax: number): Batch {
  const bytes = Buffer.from(buffer);
  let length = 0;
  let count = 0;
  return {
    add(message) {
      const { topic, payload } = message;
      const properties = message.properties ? formatProperties(message.properties) : "";
      const keptBytes = Math.min(payload.length, payloadBytesMax);
      const characters = topic.length + properties.length;
      const room = bytes.length - length;
      if (HEAD_BYTES + characters * BYTES_PER_CHARACTER + keptBytes > room) return false;
      let end = length + HEAD_BYTES;
      const topicBytes = bytes.write(topic, end);
      end += topicBytes;
      const propertiesBytes = properties === "" ? 0 : bytes.write(properties, end);
      end += propertiesBytes;
      bytes.set(keptBytes < payload.length ? payload.subarray(0, keptBytes) : payload, end);
      bytes.writeDoubleLE(message.id, length);
      bytes.writeUInt32LE(payload.length, length + 8);
      bytes.writeUInt32LE(keptBytes, length + 12);
      bytes.writeUInt32LE(topicBytes, length + 16);
      bytes.writeUInt32LE(message.properties ? propertiesBytes : NO_PROPERTIES, length + 20);
      bytes.writeUInt32LE(message.qos + (message.retain ? RETAIN : 0), length + 24);
      length = end + keptBytes;
      count += 1;
      return true;
    },
    get length() {
      return length;
    },
    get count() {
      return count;
    },
    buffer,
  };
}

/** The messages of a batch, in order. Their payloads are parts of the buffer. */
export function* readBatch(buffer: ArrayBuffer, length: number): Generator<BatchedMessage> {
  const bytes = Buffer.from(buffer, 0, length);
  for (let at = 0; at < length; ) {
    const keptBytes = bytes.readUInt32LE(at + 12);
    const topicEnd = at + HEAD_BYTES + bytes.readUInt32LE(at + 16);
    const propertiesBytes = bytes.readUInt32LE(at + 20);
    const hasProperties = propertiesBytes !== NO_PROPERTIES;
    const propertiesEnd = topicEnd + (hasProperties ? propertiesBytes : 0);
    const flags = bytes.readUInt32LE(at + 24);
    yield {
      id: bytes.readDoubleLE(at),
      topic: bytes.toString("utf8", at + HEAD_BYTES, topicEnd),
      qos: flags % RETAIN,
      retain: flags >= RETAIN ? 1 : 0,
      payloadBytes: bytes.readUInt32LE(at + 8),
      properties: hasProperties ? bytes.toString("utf8", topicEnd, propertiesEnd) : null,
      payload: bytes.subarray(propertiesEnd, propertiesEnd + keptBytes),
    };
    at = propertiesEnd + keptBytes;
  }
}
