// The part of aedes' persistence that has packets in it: retained messages, queues in both
// directions, wills. Made by persistence.ts. aedes gives packets and wants the same ones back, with
// numbers of its own on them: these are remembered beside the messages.

import { Readable } from "node:stream";
import type { PublishPacket } from "aedes";
import type { BrokerStore } from "../store/broker-store.ts";
import type { Will } from "./aedes-client.ts";
import type { Session } from "./client-session.ts";
import type { Publication } from "./publication.ts";
import { toPublication } from "./publishing.ts";
import type { Entry } from "./queued-messages.ts";
import type { RetainedMessages } from "./retained-messages.ts";
import type { Router } from "./router.ts";
import type { Sessions } from "./sessions.ts";

export type PersistenceParts = {
  readonly store: BrokerStore;
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly router: Router;
};
type Owner = { readonly id: string };
type Packet = Omit<PublishPacket, "cmd" | "messageId"> & {
  readonly cmd: string;
  readonly brokerId?: string;
  readonly brokerCounter?: number;
  readonly length?: number;
  messageId?: number | undefined;
};
type KeptWill = Will & { clientId?: string; brokerId?: string };
type Recipient = { readonly clientId: string };
type Open = (id: string) => Session;

export function createPacketParts(parts: PersistenceParts, open: Open) {
  const packets = new WeakMap<Publication, Packet>();
  const keep = (packet: Packet, isQueued: boolean): Publication => {
    const publication = toPublication(packet, "");
    const { length: _length, ...kept } = packet;
    const { retain = false, dup = false } = kept;
    const queued = { ...kept, retain, dup, messageId: undefined };
    packets.set(publication, isQueued ? queued : kept);
    return publication;
  };
  return {
    ...createRetainedPart(parts, packets, (packet) => keep(packet, false)),
    ...createOutgoingPart(open, packets, (packet) => keep(packet, true)),
    ...createIncomingPart(open),
    ...createWillPart(parts),
  };
}

function createRetainedPart(
  { retained }: PersistenceParts,
  packets: WeakMap<Publication, Packet>,
  keep: (packet: Packet) => Publication,
) {
  const find = (filters: readonly string[]): Readable => {
    const topics = new Set(filters.flatMap((filter) => retained.find(filter)));
    const found = [...topics].flatMap((topic) => retained.get(topic) ?? []);
    return Readable.from(found.map((publication) => packets.get(publication) ?? publication));
  };
  return {
    async storeRetained(packet: Packet) {
      retained.put(keep(packet));
    },
    createRetainedStream: (filter: string) => find([filter]),
    createRetainedStreamCombi: find,
  };
}

function createOutgoingPart(
  open: Open,
  packets: WeakMap<Publication, Packet>,
  keep: (packet: Packet) => Publication,
) {
  const identifiers = new WeakMap<Entry, number>();
  const toPacket = (entry: Entry): Packet => {
    const messageId = identifiers.get(entry);
    if (entry.isReleased) return { cmd: "pubrel", messageId } as Packet;
    return { ...(packets.get(entry.publication) as Packet), messageId };
  };
  const find = ({ id }: Owner, isIt: (entry: Entry) => boolean) => {
    const { queue } = open(id).outbound;
    const [number, entry] = [...queue].find(([, one]) => isIt(one)) ?? [];
    return entry && number !== undefined ? { queue, number, entry } : undefined;
  };
  const enqueue = async (owners: readonly Recipient[], packet: Packet) => {
    const publication = keep(packet);
    const { qos, retain = false } = packet;
    const entry = { publication, qos, retain, identifiers: undefined, group: undefined };
    for (const { clientId } of owners) {
      open(clientId).outbound.queue.add({ ...entry, isReleased: false });
    }
  };
  return {
    outgoingEnqueue: (owner: Recipient, packet: Packet) => enqueue([owner], packet),
    outgoingEnqueueCombi: enqueue,
    async outgoingUpdate(owner: Owner, { cmd, brokerCounter, messageId }: Packet) {
      const isReleased = cmd === "pubrel";
      const found = find(owner, (entry) => {
        if (isReleased) return identifiers.get(entry) === messageId;
        return packets.get(entry.publication)?.brokerCounter === brokerCounter;
      });
      if (!found) throw new Error("no such packet");
      if (isReleased) found.queue.release(found.number);
      else if (messageId !== undefined) identifiers.set(found.entry, messageId);
    },
    async outgoingClearMessageId(owner: Owner, { messageId }: Packet) {
      const found = find(owner, (entry) => identifiers.get(entry) === messageId);
      if (!found || messageId === undefined) return undefined;
      const packet = toPacket(found.entry);
      found.queue.remove(found.number);
      return packet;
    },
    outgoingStream({ id }: Owner): Readable {
      return Readable.from([...open(id).outbound.queue].map(([, entry]) => toPacket(entry)));
    },
  };
}

function createIncomingPart(open: Open) {
  const packets = new WeakMap<Session, Map<number, Packet>>();
  return {
    async incomingStorePacket({ id }: Owner, { length: _length, ...packet }: Packet) {
      const session = open(id);
      const { messageId = 0 } = packet;
      session.received.add(messageId);
      packets.getOrInsertComputed(session, () => new Map()).set(messageId, packet);
    },
    async incomingGetPacket({ id }: Owner, { messageId = 0 }: Packet) {
      const session = open(id);
      if (!session.received.has(messageId)) throw new Error("no such packet");
      return { ...packets.get(session)?.get(messageId) };
    },
    async incomingDelPacket({ id }: Owner, { messageId = 0 }: Packet) {
      const session = open(id);
      if (!session.received.delete(messageId)) throw new Error("no such packet");
      packets.get(session)?.delete(messageId);
    },
  };
}

function createWillPart({ store }: PersistenceParts) {
  const wills = new Map<string, KeptWill>();
  let broker: { readonly id: string } | undefined;
  return {
    /** aedes looks whether it is an async function. */
    async setup(owner: { readonly id: string }): Promise<void> {
      broker = owner;
    },
    async destroy(): Promise<void> {
      await store[Symbol.asyncDispose]();
    },
    async putWill({ id }: Owner, will: KeptWill) {
      Object.assign(will, { clientId: id, brokerId: broker?.id });
      wills.set(id, will);
      const { topic, qos, retain = false, properties } = will;
      const payload = Buffer.from(will.payload);
      const { willDelayInterval: delaySeconds = 0, ...others } = properties ?? {};
      const message = { topic, payload, qos, retain, properties: others };
      store.putWill({ clientId: id, delaySeconds, ...message });
      // CONNACK waits for this.
      await new Promise<void>((resolve) => store.whenStored(resolve));
    },
    async getWill({ id }: Owner) {
      return wills.get(id);
    },
    async delWill({ id }: Owner) {
      const will = wills.get(id);
      if (wills.delete(id)) store.deleteWill(id);
      return will;
    },
    streamWill(others: Readonly<Record<string, unknown>> = {}): Readable {
      const orphans = [...wills.values()].filter(({ brokerId = "" }) => !(brokerId in others));
      return Readable.from(orphans);
    },
  };
}
