// What is on its way to one client: live messages, those that wait, those it has not acknowledged.
// One per session; the connection comes and goes. It never waits for a socket, and never has more
// under way than the client said it can take.

import type { QoS } from "../topics/message.ts";
import type { OutboundConnection } from "./outbound-connection.ts";
import type { Publication } from "./publication.ts";
import { type Entry, type OutboundOptions, QueuedMessages } from "./queued-messages.ts";

/** In what form a session gets what its filters match. */
export type Recipient = {
  readonly qos: QoS;
  readonly retainAsPublished: boolean;
  readonly identifiers: readonly number[] | undefined;
  /** The shared subscription through which it came. */
  readonly group: { readonly filter: string } | undefined;
};
/** Retained messages by topic, that are still to be sent because of a SUBSCRIBE. */
export type Backlog = Iterator<{
  readonly publication: Publication;
  readonly recipient: Recipient;
}>;

type Acknowledgement = "puback" | "pubrec" | "pubcomp";

/** Waiting bytes above which nothing is added that can wait. */
const OUTPUT_BYTES_PACED = 1 << 18;
/** Bytes a client has left unread from which its QoS 0 messages are left out. */
const OUTPUT_BYTES_SLOW = 1 << 20;
/** PUBREL of an identifier that stands for nothing (MQTT 5 section 3.6.2.1). */
const PACKET_IDENTIFIER_NOT_FOUND = 0x92;

export class Outbound {
  readonly queue: QueuedMessages;
  readonly #options: OutboundOptions;
  #connection: OutboundConnection | undefined;
  /** The number of the message that is sent next. */
  #toSend = 1;
  #inflightCount = 0;
  #backlogs: Backlog[] | undefined;
  /** It sends, or waits for the client to read; one at a time. */
  #isPumping = false;
  #waitsForStore = false;

  constructor(id: string, options: OutboundOptions) {
    this.#options = options;
    this.queue = new QueuedMessages(id, options);
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }
  get inflightCount(): number {
    return this.#inflightCount;
  }
  /** Whether what is given now would be sent now. */
  get hasRoom(): boolean {
    const connection = this.#connection;
    return connection !== undefined && this.#inflightCount < connection.window;
  }

  /** Sends what was not acknowledged again, then what waits. */
  attach(connection: OutboundConnection): void {
    this.#connection = connection;
    this.#toSend = this.queue.first;
    this.#inflightCount = 0;
    this.#isPumping = false;
    this.#pump();
  }

  detach(connection: OutboundConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#inflightCount = 0;
    this.#backlogs = undefined;
    this.queue.noteSentBefore(this.#toSend);
  }

  /** Gives the client a message: now, or when it has room. QoS 0 is for those who are there. */
  deliver(publication: Publication, recipient: Recipient): void {
    const qos = Math.min(publication.qos, recipient.qos) as QoS;
    const retain = recipient.retainAsPublished && publication.retain; // [MQTT-3.3.1-12]
    const { identifiers } = recipient;
    if (qos === 0) return this.#sendOnce(publication, retain, identifiers);
    const entry = { publication, qos, retain, identifiers, group: recipient.group };
    if (this.queue.add({ ...entry, isReleased: false })) {
      this.#pump();
      if (this.queue.next > this.#toSend) publication.ownPayload(); // It waits.
    } else if (this.#options.limits.queueFull === "disconnect") this.#connection?.endOverQuota();
  }

  /** Sends retained messages as fast as the client reads, and no faster. */
  deliverRetained(backlog: Backlog): void {
    this.#backlogs ??= [];
    this.#backlogs.push(backlog);
    this.#pump();
  }

  /**
   * The client's answer to a message; false when it does not fit the message's QoS. Answers that
   * come twice, or for what is not there, are no fault (section 4.4).
   */
  acknowledge(kind: Acknowledgement, identifier: number, reasonCode = 0): boolean {
    const number = this.queue.find(identifier, this.#toSend);
    const entry = number === undefined ? undefined : this.queue.get(number);
    if (number === undefined || !entry) {
      if (kind === "pubrec") this.#connection?.release(identifier, PACKET_IDENTIFIER_NOT_FOUND);
      return true;
    }
    if ((kind === "puback") !== (entry.qos === 1)) return false;
    if (kind === "pubcomp" && !entry.isReleased) return false;
    if (kind === "pubrec" && reasonCode < 0x80) {
      this.queue.release(number);
      // Not before that is stored: once it has PUBREL, the client would take the message for new.
      const connection = this.#connection;
      this.queue.whenStored(() => {
        if (connection === this.#connection) connection?.release(identifier);
      });
      return true;
    }
    // [MQTT-4.3.3] a PUBREC with an error ends it, as PUBACK and PUBCOMP do.
    this.queue.remove(number);
    this.#inflightCount -= 1;
    this.#pump();
    return true;
  }

  /** What may go to another member of its shared subscription, taken out of the queue. */
  takeShared(isOthers: (group: object) => boolean): Entry[] {
    const { sentBefore } = this.queue;
    return this.queue.takeShared(({ group, qos }, number) => {
      if (!group || !isOthers(group)) return false;
      // [MQTT-3.10.4-3] what a client that is there has begun to get, it gets to the end.
      if (this.#connection) return number >= Math.max(sentBefore, this.#toSend);
      // [MQTT-4.8.2-4], [MQTT-4.8.2-5] what was sent with QoS 2 is this client's to the end.
      return qos === 1 || number >= sentBefore;
    });
  }

  #sendOnce(publication: Publication, retain: boolean, identifiers?: readonly number[]): void {
    const connection = this.#connection;
    if (!connection) return;
    if (connection.writes.unreadBytes() >= OUTPUT_BYTES_SLOW) return connection.leaveOut();
    connection.publish(publication, { qos: 0, retain, duplicate: false, identifiers }, 0);
  }

  #pump(): void {
    const connection = this.#connection;
    if (!connection || this.#isPumping) return;
    this.#isPumping = true;
    while (this.#inflightCount < connection.window) {
      if (connection.writes.waitingBytes() > OUTPUT_BYTES_PACED) return this.#pause(connection);
      if (!this.#sendNext(connection) && !this.#sendRetained()) break;
    }
    this.#isPumping = false;
  }

  #waitForStore(): false {
    if (this.#waitsForStore) return false;
    this.#waitsForStore = true;
    this.queue.whenStored(() => {
      this.#waitsForStore = false;
      this.#pump();
    });
    return false;
  }

  // Once for all that waits: when the client has read some of it, the rest goes on.
  #pause(connection: OutboundConnection): void {
    void connection.writes.drained(OUTPUT_BYTES_PACED).then(() => {
      if (this.#connection !== connection || connection.isGone) return;
      this.#isPumping = false;
      this.#pump();
    });
  }

  /** Sends the next of the queue; false when there is none, or it must wait. */
  #sendNext(connection: OutboundConnection): boolean {
    const number = this.queue.nextFrom(this.#toSend);
    if (number === undefined) return false;
    // An identifier is not used again while it stands for something else [MQTT-2.2.1-4].
    if (!this.queue.isIdentifierFree(number)) return false;
    const entry = this.queue.get(number);
    // The client keeps a QoS 2 identifier: after a crash it must still stand for this message.
    if (entry?.qos === 2 && this.queue.isUnsafe(entry)) return this.#waitForStore();
    this.#toSend = number + 1;
    if (!entry) return true;
    const identifier = this.queue.toIdentifier(number);
    if (entry.isReleased) {
      this.#inflightCount += 1;
      connection.release(identifier);
      return true;
    }
    const duplicate = number < this.queue.sentBefore; // [MQTT-3.3.1-1]
    const isTooLate = !duplicate && entry.publication.isExpired(Date.now()); // [MQTT-3.3.2-5]
    const { qos, retain, identifiers } = entry;
    const shape = { qos, retain, duplicate, identifiers };
    // [MQTT-3.1.2-25] what is too large for the client counts as delivered.
    if (isTooLate || !connection.publish(entry.publication, shape, identifier)) {
      this.queue.remove(number);
      return true;
    }
    this.#inflightCount += 1;
    this.queue.noteSent(number, entry);
    return true;
  }

  #sendRetained(): boolean {
    const backlog = this.#backlogs?.[0];
    if (!backlog) return false;
    const { done, value } = backlog.next();
    if (done) this.#backlogs?.shift();
    else this.deliver(value.publication, value.recipient);
    return true;
  }
}
