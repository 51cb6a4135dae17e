// The QoS 1 and 2 messages of one session, from PUBLISH to the client's last acknowledgement, over
// as many connections as it takes: in memory, and in the store when the session outlives the
// process. Used by outbound.ts alone, which says what is sent when.

import type { StoredEntry } from "../store/broker-store.ts";
import type { QoS } from "../topics/message.ts";
import type { Publication } from "./publication.ts";
import { Sequence } from "./sequence.ts";

export type Entry = {
  readonly publication: Publication;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly identifiers: readonly number[] | undefined;
  /** The shared subscription through which it came. */
  readonly group: { readonly filter: string } | undefined;
  /** QoS 2: the client has it, and PUBREL has taken its place. */
  isReleased: boolean;
  /** The store's own notes. */
  pending?: StoredEntry["pending"];
  isInMessage?: boolean;
};

/** Where a session's entries are kept beside memory; each under its number. */
export type QueueStore = {
  putEntry(number: number, entry: Entry): void;
  releaseEntry(number: number, entry: Entry): void;
  deleteEntry(number: number, entry: Entry): void;
  /** All numbers below this one were sent, this entry last. */
  putSent(number: number, entry: Entry): void;
  whenStored(done: () => void): void;
  /** False: what is noted reaches the disk some time later, and nobody waits for it. */
  readonly isWaitedFor: boolean;
};

export type OutboundOptions = {
  readonly limits: {
    readonly queueMessagesMax: number;
    readonly queueBytesMax: number;
    readonly queueFull: "drop" | "disconnect";
  };
  /** Called for every message that a full queue does not take. */
  readonly onDrop: (id: string) => void;
};

/** What a message takes of the memory for itself, beside payload and properties; measured. */
export const ENTRY_BYTES = 512;
/** Packet identifiers are 1 to 65535 (section 2.2.1). */
const IDENTIFIERS = 65_535;

export class QueuedMessages {
  readonly #entries = new Sequence<Entry>();
  /** The client's. */
  readonly #id: string;
  readonly #options: OutboundOptions;
  #store: QueueStore | undefined;
  #bytes = 0;
  #sentBefore = 1;
  #storedSent = 1;

  constructor(id: string, options: OutboundOptions) {
    this.#id = id;
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }
  /** Payloads and properties of all that waits or is under way. */
  get bytes(): number {
    return this.#bytes;
  }
  get isFull(): boolean {
    return !this.#hasRoomFor(0);
  }
  get first(): number {
    return this.#entries.first;
  }
  get next(): number {
    return this.#entries.next;
  }
  /** All numbers below were sent on an earlier connection. */
  get sentBefore(): number {
    return this.#sentBefore;
  }
  get(number: number): Entry | undefined {
    return this.#entries.get(number);
  }
  [Symbol.iterator](): Iterator<[number, Entry]> {
    return this.#entries[Symbol.iterator]();
  }

  /** Keeps the entries in the store too, from now on; those of now are put there. */
  useStore(store: QueueStore): void {
    if (this.#store) return;
    this.#store = store;
    for (const [number, entry] of this) store.putEntry(number, entry);
  }
  get isStored(): boolean {
    return this.#store !== undefined;
  }

  /** Takes back what the store had kept, in order. */
  restore(
    store: QueueStore,
    entries: Iterable<readonly [number, Entry]>,
    sentBefore: number,
  ): void {
    this.#store = store;
    this.#sentBefore = this.#storedSent = sentBefore;
    for (const [number, entry] of entries) {
      this.#entries.skipTo(number);
      this.#entries.push(entry);
      this.#bytes += entry.publication.bytes;
    }
    // With an empty queue the numbers go on where they were: who was sent one may still answer.
    this.#entries.skipTo(sentBefore);
  }

  /** False when the queue is full. */
  add(entry: Entry): boolean {
    const { bytes } = entry.publication;
    if (!this.#hasRoomFor(bytes)) {
      this.#options.onDrop(this.#id);
      return false;
    }
    this.#bytes += bytes;
    const number = this.#entries.push(entry);
    this.#store?.putEntry(number, entry);
    return true;
  }

  remove(number: number): Entry | undefined {
    const entry = this.#entries.delete(number);
    if (!entry) return undefined;
    this.#bytes -= entry.publication.bytes;
    this.#store?.deleteEntry(number, entry);
    return entry;
  }

  release(number: number): void {
    const entry = this.#entries.get(number);
    if (!entry || entry.isReleased) return;
    entry.isReleased = true;
    this.#store?.releaseEntry(number, entry);
  }

  /** Whether a crash now would lose the entry. */
  isUnsafe(entry: Entry): boolean {
    return entry.pending !== undefined && this.#store?.isWaitedFor === true;
  }

  /** Called when all that was noted so far is in the store. */
  whenStored(done: () => void): void {
    if (this.#store) this.#store.whenStored(done);
    else done();
  }

  /** Remembered for the DUP flag, by the store as well. */
  noteSent(number: number, entry: Entry): void {
    if (!this.#store || number < this.#storedSent) return;
    this.#storedSent = number + 1;
    this.#store.putSent(number + 1, entry);
  }
  noteSentBefore(number: number): void {
    if (number > this.#sentBefore) this.#sentBefore = number;
  }

  /** The number of the first entry at or after this one. */
  nextFrom(number: number): number | undefined {
    for (let at = Math.max(number, this.#entries.first); at < this.#entries.next; at++) {
      if (this.#entries.get(at)) return at;
    }
    return undefined;
  }

  /**
   * The packet identifier of a number. It follows from the number, so that a message has the same
   * one after a restart without its being stored [MQTT-4.4.0-1].
   */
  toIdentifier(number: number): number {
    return ((number - 1) % IDENTIFIERS) + 1;
  }
  isIdentifierFree(number: number): boolean {
    return number - this.#entries.first < IDENTIFIERS;
  }
  /** The number below `end` that an identifier stands for. */
  find(identifier: number, end: number): number | undefined {
    const { first } = this.#entries;
    const distance = (identifier - this.toIdentifier(first) + IDENTIFIERS) % IDENTIFIERS;
    const number = first + distance;
    return number < end ? number : undefined;
  }

  /** Removes and gives what another member of its group may have. */
  takeShared(isFree: (entry: Entry, number: number) => boolean): Entry[] {
    const taken: Entry[] = [];
    for (const [number, entry] of this) {
      if (!isFree(entry, number)) continue;
      this.remove(number);
      taken.push(entry);
    }
    return taken;
  }

  // One message that is larger than the whole queue still gets through when it is the only one.
  #hasRoomFor(bytes: number): boolean {
    if (this.size === 0) return true;
    const { queueMessagesMax, queueBytesMax } = this.#options.limits;
    const taken = this.#bytes + this.size * ENTRY_BYTES;
    return this.size < queueMessagesMax && taken + ENTRY_BYTES + bytes <= queueBytesMax;
  }

  clear(): void {
    for (const [number] of this) this.remove(number);
  }
}
