// A message as the history gives it back. Data only.

import type { QoS } from "../topics/message.ts";
import type { HistoryRow } from "./history-search.ts";
import { type ObservedMessage, toTimeMs } from "./observation.ts";
import { parseProperties } from "./property-json.ts";

export type RecordedMessage = ObservedMessage & {
  /** Of the whole payload. */
  readonly payloadBytes: number;
  /** True when `payload` is only the beginning. */
  readonly isCut: boolean;
};

export function toRecorded(row: HistoryRow): RecordedMessage {
  const { id, topic, payload, properties, payload_bytes: payloadBytes } = row;
  return {
    id,
    receivedAtMs: toTimeMs(id),
    topic,
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    qos: row.qos as QoS,
    retain: row.retain !== 0,
    ...(properties !== null && { properties: parseProperties(properties) }),
    payloadBytes,
    isCut: payload.length < payloadBytes,
  };
}
