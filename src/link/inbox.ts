// Messages that came from the broker and are not done yet: handed out in order of arrival, and
// acknowledged in that order too, however handlers overtake each other [MQTT-4.6.0-2].

import type { Packet } from "mqtt-packet";
import type { Logger } from "../lib/log.ts";
import type { Message, MessageProperties } from "../topics/message.ts";
import type { Connection, IncomingPublish } from "./connection.ts";
import type { RetainedFacts } from "./retained-answers.ts";

/** A message, and the way to say that it has been dealt with. */
export type Delivery = {
  readonly message: Message;
  /** Acknowledges the message to the broker, in order. The second call does nothing. */
  readonly done: () => void;
} & RetainedFacts;

/** A QoS 1 or 2 message that the broker waits to hear of. */
type Unacknowledged = {
  readonly packet: IncomingPublish;
  isDone: boolean;
};

export type InboxOptions = {
  readonly messagesMax: number;
  /** Takes the origin off. */
  readonly toTopic: (topic: string) => string;
  /** Whom a retained message is meant for, by its topic without the origin. */
  readonly findRetained: (topic: string) => RetainedFacts;
  readonly log: Logger;
};

const NOT_RETAINED: RetainedFacts = { retainedSince: 0, isNewSubscription: false };

export class Inbox {
  readonly #options: InboxOptions;
  readonly #queue: Delivery[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;
  /** Handed out or queued, and not done; of all QoS. */
  #open = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #dropped = 0;
  /** What this connection delivered, oldest first. */
  #inOrder: Unacknowledged[] = [];
  /** By packet identifier, what an earlier connection delivered and the session still holds. */
  #earlier = new Map<number, Unacknowledged>();
  /** QoS 2: identifiers acknowledged with PUBREC, until their PUBREL. */
  #received = new Set<number>();
  #connection: Connection | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Messages handed out or queued, and not done. */
  get size(): number {
    return this.#open;
  }

  /**
   * Resolves when fewer messages are here than may be; undefined when it is so. For who can hold
   * senders back before they are acknowledged.
   */
  room(): Promise<void> | undefined {
    if (this.#open < this.#options.messagesMax || this.#isClosed) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** A connection is open. Only a resumed session delivers again what it delivered before. */
  attach(connection: Connection): void {
    this.#connection = connection;
    if (!connection.isSessionPresent) {
      this.#earlier.clear();
      this.#received.clear();
    }
    this.#acknowledge();
  }

  /** The connection is gone: what it delivered may come again on the next. */
  detach(): void {
    this.#connection = undefined;
    for (const entry of this.#inOrder) this.#earlier.set(entry.packet.messageId ?? 0, entry);
    this.#inOrder = [];
  }

  receive(packet: Packet): void {
    if (packet.cmd === "pubrel") this.#received.delete(packet.messageId ?? 0);
    if (packet.cmd !== "publish") return;
    const publish = packet as IncomingPublish;
    if (publish.qos === 0) this.#receiveQos0(publish);
    else this.#receiveAcknowledged(publish);
  }

  /** No more messages will come; the iterator ends when the queue is empty. */
  close(): void {
    this.#isClosed = true;
    this.#makeRoom();
    this.#wake?.();
  }

  /** The messages, in order of arrival. For one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery> {
    for (;;) {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) yield next;
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  // QoS 0 is the only kind that no protocol holds back: past the limit it is left out, and counted.
  #receiveQos0(packet: IncomingPublish): void {
    if (this.#open >= this.#options.messagesMax) {
      if (this.#dropped === 0)
        this.#options.log.warn("handlers do not keep up: QoS 0 messages are left out");
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) this.#options.log.warn(`${this.#dropped} QoS 0 messages were left out`);
    this.#dropped = 0;
    this.#enqueue(packet, () => {});
  }

  // QoS 1 and 2 are held back by our Receive Maximum (MQTT 5 section 4.9) or, in 3.1.1, by the
  // broker's own window.
  #receiveAcknowledged(packet: IncomingPublish): void {
    const identifier = packet.messageId ?? 0;
    if (this.#received.has(identifier)) {
      // [MQTT-4.3.3-10] a QoS 2 message that is here already: only its PUBREC was lost.
      this.#connection?.acknowledge("pubrec", identifier);
      return;
    }
    const before = this.#earlier.get(identifier);
    this.#earlier.delete(identifier);
    if (before && packet.dup && isSame(before.packet, packet)) {
      // Being handled, or handled, since before the connection broke: not once more.
      this.#inOrder.push(before);
      return this.#acknowledge();
    }
    const entry: Unacknowledged = { packet, isDone: false };
    this.#inOrder.push(entry);
    this.#enqueue(packet, () => {
      entry.isDone = true;
      this.#acknowledge();
    });
  }

  #enqueue(packet: IncomingPublish, acknowledge: () => void): void {
    const { toTopic, findRetained } = this.#options;
    const topic = toTopic(packet.topic);
    let isDone = false;
    this.#open += 1;
    this.#queue.push({
      message: toMessage(packet, topic),
      ...(packet.retain ? findRetained(topic) : NOT_RETAINED),
      done: () => {
        if (isDone) return;
        isDone = true;
        this.#open -= 1;
        this.#makeRoom();
        acknowledge();
      },
    });
    this.#wake?.();
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  #acknowledge(): void {
    const connection = this.#connection;
    if (!connection) return;
    let count = 0;
    for (const { packet, isDone } of this.#inOrder) {
      if (!isDone) break;
      count += 1;
      const messageId = packet.messageId ?? 0;
      if (packet.qos === 2) this.#received.add(messageId);
      connection.acknowledge(packet.qos === 1 ? "puback" : "pubrec", messageId);
    }
    if (count > 0) this.#inOrder.splice(0, count);
  }
}

function isSame(one: IncomingPublish, other: IncomingPublish): boolean {
  return one.topic === other.topic && one.payload.equals(other.payload);
}

/** The message in a PUBLISH, under its topic without the origin. */
export function toMessage(packet: IncomingPublish, topic: string): Message {
  const { payload, qos, retain, dup, properties } = packet;
  return {
    topic,
    payload,
    qos,
    retain,
    duplicate: dup,
    receivedAtMs: Date.now(),
    ...(properties && { properties: properties as MessageProperties }),
  };
}
