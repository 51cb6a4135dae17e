// The last retained message of every topic, in memory.

import { Readable } from "node:stream";
import type { PublishPacket } from "aedes";
import { overlaps } from "../topics/covering-set.ts";

/**
 * The part of aedes' persistence for these, under aedes' own names. aedes' memory version gives
 * topics that begin with $ to `#` [MQTT-4.7.2-1], and no `a/` to `a/+` [MQTT-4.7.1-3].
 */
export function createRetainedMessages() {
  const messages = new Map<string, PublishPacket>();

  function* find(filters: readonly string[]): Generator<PublishPacket> {
    for (const message of messages.values()) {
      if (filters.some((filter) => overlaps(filter, message.topic))) yield message;
    }
  }
  return {
    store(packet: PublishPacket): void {
      // [MQTT-3.3.1-6] an empty payload removes the message of its topic.
      if (packet.payload.length === 0) messages.delete(packet.topic);
      else messages.set(packet.topic, { ...packet });
    },
    createRetainedStreamCombi: (filters: readonly string[]) => Readable.from(find(filters)),
  };
}
