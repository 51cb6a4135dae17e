// What is wrong with a message before it leaves: brokers close the connection over such a packet,
// and one of QoS 1 would be sent again over each new one. Called by outbox.ts. Pure.

import { isUtf8 } from "node:buffer";
import type { IPublishPacket } from "mqtt-packet";
import { ViadutoError } from "../lib/errors.ts";
import type { TopicLimits } from "../lib/frame-texts.ts";
import { findPacketProblem } from "../lib/packet-rules.ts";
import { toPublishFailure } from "./publish-failure.ts";

const PAYLOAD_FORMAT_INVALID = 0x99;

/** The error of this packet; undefined when it may be sent. */
export function findOutgoingProblem(
  packet: IPublishPacket,
  limits: TopicLimits | undefined,
): ViadutoError | undefined {
  const { topic, payload, properties } = packet;
  const malformed = findPacketProblem(packet);
  if (malformed) return new ViadutoError("message_invalid", { topic, reason: malformed });
  const reason = limits && findLengthProblem(topic, limits);
  if (reason) return new ViadutoError("topic_invalid", { topic, reason });
  // MQTT 5 section 3.3.2.3.2: who is told so may check it.
  if (!properties?.payloadFormatIndicator || isUtf8(Buffer.from(payload))) return undefined;
  return toPublishFailure(topic, PAYLOAD_FORMAT_INVALID);
}

function findLengthProblem(
  topic: string,
  { topicBytesMax, topicLevelsMax }: TopicLimits,
): string | undefined {
  // Neither can be in what has few characters. A UTF-16 unit is three bytes of UTF-8 at most.
  if (topic.length * 3 <= topicBytesMax && topic.length < topicLevelsMax) return undefined;
  const isLong = Buffer.byteLength(topic) > topicBytesMax;
  if (isLong) return `it is over ${topicBytesMax} bytes (--topic-bytes-max)`;
  const isDeep = topic.split("/").length > topicLevelsMax;
  return isDeep ? `it is over ${topicLevelsMax} levels (--topic-levels-max)` : undefined;
}
