// A message in the outbox, from its publish until its fate is known. Made by outbox.ts. Data only.

import type { IPublishPacket } from "mqtt-packet";
import type { PublishResult } from "../topics/message.ts";

/** Whoever publishes, as a run of a handler, and whether it is over. */
export type PublishOwner = { readonly name: string; readonly isEnded: boolean };

export type OutboxEntry = {
  /** Its identifier stands in here once it is sent, and is kept [MQTT-4.4.0-1]. */
  readonly packet: IPublishPacket;
  readonly settled: PromiseWithResolvers<PublishResult>;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
  readonly owner: PublishOwner | undefined;
  isSent: boolean;
  /** QoS 2: the reason code with which the broker has it (PUBREC); only the release is left. */
  releasedWith: number | undefined;
};
