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
  /** Of the payload, until it is known to have arrived. */
  bytes: number;
  /** It goes out because the client has come back, and not as it is published. */
  isReplayed: boolean;
};
type Queue = {
  /** By the message's number, in order of arrival. */
  readonly entries: Map<number, Entry>;
  /** By packet identifier, the number of the message that it stands for. */
  readonly counters: Map<number, number>;
  bytes: number;
  hasDropped: boolean;
};
export type QueueOptions = {
  /** Resolves when a client that has come back can take another message. */
  readonly waitForRoom: (connection: object) => Promise<void>;
  /** Called at the first message that a full queue does not take. */
  readonly onFull: (clientId: string) => void;
};
type Owner = { readonly id: string; readonly conn: object };
type Recipient = {
  readonly clientId: string;
  /** MQTT 5 option Retain As Published. */
  readonly rap?: boolean;
};

/** What one client may leave waiting; what comes after that is dropped. */
const QUEUE_MESSAGES_MAX = 10_000;
const QUEUE_BYTES_MAX = 64 << 20;

/**
 * The part of aedes' persistence for these messages, under aedes' own names. aedes' memory version
 * looks for "the first without packet identifier" where it means one certain message, and rejects
 * when it finds none: a client with filters that overlap, with No Local or in the middle of an
 * UNSUBSCRIBE loses its connection over that, and messages. (No upstream issue yet.)
 */
export function createOutgoingQueues({ waitForRoom, onFull }: QueueOptions) {
  const queues = new Map<string, Queue>();

  const open = (id: string) => queues.getOrInsertComputed(id, createQueue);

  return {
    enqueue({ clientId, rap = false }: Recipient, packet: Outgoing): void {
      const queue = open(clientId);
      if (add(queue, packet, rap) || queue.hasDropped) return;
      queue.hasDropped = true;
      onFull(clientId);
    },

    /** A message is sent now, with this packet identifier; or it has become a PUBREL. */
    async outgoingUpdate({ id, conn }: Owner, packet: Outgoing): Promise<void> {
      if (packet.cmd === "pubrel") return replace(open(id), packet);
      const entry = identify(open(id), packet);
      if (entry?.isReplayed) await waitForRoom(conn);
      if (entry) entry.isReplayed = false;
    },

    /** A message was acknowledged; or, without packet identifier, one copy is not to be sent. */
    async outgoingClearMessageId({ id }: Owner, packet: Outgoing): Promise<Outgoing | undefined> {
      const queue = queues.get(id);
      const removed = queue && remove(queue, packet);
      if (queue?.entries.size === 0) queues.delete(id);
      return removed;
    },

    /** What is to be sent to a client that has come back, oldest first. */
    outgoingStream({ id }: Owner): Readable {
      const entries = [...(queues.get(id)?.entries.values() ?? [])];
      for (const entry of entries) entry.isReplayed = true;
      // [MQTT-3.3.1-1] what was sent before is marked so.
      return Readable.from(
        entries.map(({ packet }) => {
          return { ...packet, dup: packet.cmd === "publish" && packet.messageId !== undefined };
        }),
      );
    },

    /** The session has ended. */
    forget({ id }: { readonly id: string }): void {
      queues.delete(id);
    },
  };
}

function createQueue(): Queue {
  return { entries: new Map(), counters: new Map(), bytes: 0, hasDropped: false };
}

/** Puts a message, or another copy of it, at the end; undefined when the queue is full. */
function add(queue: Queue, packet: Outgoing, retainAsPublished: boolean): Entry | undefined {
  const { brokerCounter = 0 } = packet;
  const known = queue.entries.get(brokerCounter);
  if (known) {
    known.copies += 1;
    return known;
  }
  const bytes = packet.payload.length;
  const isFull = queue.entries.size >= QUEUE_MESSAGES_MAX || queue.bytes + bytes > QUEUE_BYTES_MAX;
  if (isFull) return undefined;
  queue.bytes += bytes;
  // A packet of its own: the packet identifier differs from client to client.
  const retain = retainAsPublished && packet.retain; // [MQTT-3.3.1-12]
  const copy = { ...packet, retain, messageId: undefined };
  const entry = { packet: copy, copies: 1, bytes, isReplayed: false };
  queue.entries.set(brokerCounter, entry);
  return entry;
}

/** The message from now on goes by the packet's identifier. With a full queue it is not kept. */
function identify(queue: Queue, packet: Outgoing): Entry | undefined {
  const { messageId = 0, brokerCounter = 0 } = packet;
  const entry = queue.entries.get(brokerCounter) ?? add(queue, packet, false);
  if (!entry) return undefined;
  entry.packet.messageId = messageId;
  queue.counters.set(messageId, brokerCounter);
  return entry;
}

/** A PUBREL takes its message's place, whose payload is not needed any more. */
function replace(queue: Queue, packet: Outgoing): void {
  const entry = queue.entries.get(queue.counters.get(packet.messageId ?? 0) ?? 0);
  if (!entry) return;
  queue.bytes -= entry.bytes;
  Object.assign(entry, { packet, bytes: 0 });
}

function remove(queue: Queue, packet: Outgoing): Outgoing | undefined {
  const { messageId, brokerCounter = 0 } = packet;
  const counter = messageId === undefined ? brokerCounter : (queue.counters.get(messageId) ?? 0);
  const entry = queue.entries.get(counter);
  if (!entry) return undefined;
  entry.copies -= 1;
  if (messageId === undefined && entry.copies > 0) return undefined;
  queue.entries.delete(counter);
  queue.counters.delete(entry.packet.messageId ?? 0);
  queue.bytes -= entry.bytes;
  return entry.packet;
}
