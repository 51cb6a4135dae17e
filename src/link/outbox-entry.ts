// What the outbox is given, and a message in it, from its publish until its fate is known. Used by
// outbox.ts. Data only.

import type { IPublishPacket } from "mqtt-packet";
import type { Deadline } from "../lib/coarse-deadlines.ts";
import type { TopicLimits } from "../lib/frame-texts.ts";
import type { PublishResult } from "../topics/message.ts";
import type { PacketIdentifiers } from "./packet-identifiers.ts";

export type OutboxOptions = {
  readonly identifiers: PacketIdentifiers;
  /** Most messages, and most bytes of payload, that wait for the broker. */
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Most messages sent and not acknowledged; the broker's Receive Maximum may be lower. */
  readonly sendWindow: number;
  /** What the broker is known to take of topics. */
  readonly topicLimits?: TopicLimits | undefined;
};

/** Whoever publishes, as a run of a handler, and whether it is over. */
export type PublishOwner = { readonly name: string; readonly isEnded: boolean };

export type OutboxEntry = {
  /** Its identifier stands in here once it is sent, and is kept [MQTT-4.4.0-1]. */
  readonly packet: IPublishPacket;
  readonly settled: PromiseWithResolvers<PublishResult>;
  /** Undefined for who waits without one. */
  deadline: Deadline | undefined;
  readonly owner: PublishOwner | undefined;
  isSent: boolean;
  /** QoS 2: the reason code with which the broker has it (PUBREC); only the release is left. */
  releasedWith: number | undefined;
};
