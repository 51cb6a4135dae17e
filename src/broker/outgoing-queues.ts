// QoS 1 and 2 messages on their way to clients whose session outlives the connection: from PUBLISH
// to the client's last acknowledgement, over as many connections as it takes. In memory.

import { Readable } from "node:stream";
import type { PublishPacket } from "aedes";

/** A PUBLISH, or the PUBREL that has taken its place. */
export type Outgoing = Omit<PublishPacket, "cmd" | "messageId"> & {
  readonly cmd: "publish" | "pubrel";
  /** Numbers the broker's messages; a PUBREL has none. */
  readonly brokerCounter?: number;
  messageId?: number | undefined;
};
type Entry = {
  packet: Outgoing;
  /** A message is put here once for each filter of the client that matches it. */
  copies: number;
};
type Queue = {
  /** By the message's number, in order of arrival. */
  readonly entries: Map<number, Entry>;
  /** By packet identifier, the number of the message that it stands for. */
  readonly counters: Map<number, number>;
};
type Owner = { readonly id: string };
type Recipient = { readonly clientId: string };

/**
 * The part of aedes' persistence for these messages, under aedes' own names. aedes' memory version
 * looks for "the first without packet identifier" where it means one certain message, and rejects
 * when it finds none: a client with filters that overlap, with No Local or in the middle of an
 * UNSUBSCRIBE loses its connection over that, and messages. (No upstream issue yet.)
 */
export function createOutgoingQueues() {
  const queues = new Map<string, Queue>();

  function open(id: string): Queue {
    const queue = queues.get(id) ?? { entries: new Map(), counters: new Map() };
    queues.set(id, queue);
    return queue;
  }

  function enqueue(id: string, packet: Outgoing): Entry {
    const { entries } = open(id);
    const { brokerCounter = 0 } = packet;
    const known = entries.get(brokerCounter);
    if (known) {
      known.copies += 1;
      return known;
    }
    // A packet of its own: the packet identifier differs from client to client.
    const entry = { packet: { ...packet, messageId: undefined }, copies: 1 };
    entries.set(brokerCounter, entry);
    return entry;
  }

  return {
    async outgoingEnqueueCombi(recipients: readonly Recipient[], packet: Outgoing): Promise<void> {
      for (const { clientId } of recipients) enqueue(clientId, packet);
    },

    /** A message is sent now, with this packet identifier; or it has become a PUBREL. */
    async outgoingUpdate({ id }: Owner, packet: Outgoing): Promise<void> {
      const { entries, counters } = open(id);
      const { messageId = 0, brokerCounter = 0 } = packet;
      if (packet.cmd === "publish") {
        const entry = entries.get(brokerCounter) ?? enqueue(id, packet);
        entry.packet.messageId = messageId;
        counters.set(messageId, brokerCounter);
      } else {
        const entry = entries.get(counters.get(messageId) ?? 0);
        if (entry) entry.packet = packet;
      }
    },

    /** A message was acknowledged; or, without packet identifier, one copy is not to be sent. */
    async outgoingClearMessageId({ id }: Owner, packet: Outgoing): Promise<Outgoing | undefined> {
      const { messageId, brokerCounter = 0 } = packet;
      const queue = queues.get(id);
      const counter = messageId === undefined ? brokerCounter : queue?.counters.get(messageId);
      const entry = queue?.entries.get(counter ?? 0);
      if (!queue || !entry) return undefined;
      entry.copies -= 1;
      if (messageId === undefined && entry.copies > 0) return undefined;
      queue.entries.delete(counter ?? 0);
      queue.counters.delete(entry.packet.messageId ?? 0);
      if (queue.entries.size === 0) queues.delete(id);
      return entry.packet;
    },

    /** What is to be sent to a client that has come back, oldest first. */
    outgoingStream({ id }: Owner): Readable {
      const entries = [...(queues.get(id)?.entries.values() ?? [])];
      // [MQTT-3.3.1-1] what was sent before is marked so.
      return Readable.from(
        entries.map(({ packet }) => {
          return { ...packet, dup: packet.cmd === "publish" && packet.messageId !== undefined };
        }),
      );
    },

    /** The session has ended. */
    forget({ id }: Owner): void {
      queues.delete(id);
    },
  };
}
