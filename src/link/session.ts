// The session: what outlives a network connection (MQTT 5 section 4.1). Messages not acknowledged
// in either direction, and the packet identifiers in use.

import type { IPublishPacket, Packet } from "mqtt-packet";
import type { ViadutoError } from "../lib/errors.ts";
import { PLAIN_IDENTIFIER } from "./broker-filters.ts";
import type { Connection, IncomingPublish } from "./connection.ts";
import { Inbox, toMessage } from "./inbox.ts";
import type { LinkOptions } from "./link-options.ts";
import { removeOrigin } from "./origin.ts";
import { Outbox } from "./outbox.ts";
import { PacketIdentifiers } from "./packet-identifiers.ts";
import type { RetainedFacts } from "./retained-answers.ts";

export type SessionParts = {
  /** Is shown each message first; true when the message is for nobody else. */
  readonly takeReply: (packet: IncomingPublish) => boolean;
  /** Whom a retained message is meant for, by its topic without the origin. */
  readonly findRetained: (topic: string) => RetainedFacts;
};

export class Session {
  readonly identifiers = new PacketIdentifiers();
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly #options: LinkOptions;
  readonly #takeReply: SessionParts["takeReply"];
  #received = 0;

  constructor(options: LinkOptions, { takeReply, findRetained }: SessionParts) {
    const {
      origin,
      outboxMessagesMax: messagesMax,
      outboxBytesMax: bytesMax,
      sendWindow,
      topicLimits,
    } = options;
    const toTopic = (topic: string) => removeOrigin(origin, topic);
    this.#options = options;
    this.#takeReply = takeReply;
    const { inboxMessagesMax, log } = options;
    this.inbox = new Inbox({ messagesMax: inboxMessagesMax, toTopic, findRetained, log });
    const { identifiers } = this;
    this.outbox = new Outbox({ identifiers, messagesMax, bytesMax, sendWindow, topicLimits });
  }

  /** How many messages have come so far, replies aside. */
  get received(): number {
    return this.#received;
  }

  /** Takes a packet of the connection; its CONNACK, the first, makes it the session's. */
  receive(packet: Packet, connection: Connection): void {
    if (packet.cmd === "connack") {
      this.inbox.attach(connection);
      const again = this.outbox.attach(connection);
      if (again > 0) this.#options.log.info(`${again} unacknowledged publishes are sent again`);
      return;
    }
    this.outbox.receive(packet);
    if (packet.cmd === "publish") {
      const isPlain = takeIdentifier(packet) === PLAIN_IDENTIFIER;
      // Before the inbox: handlers that wait for a reply must get it when the inbox is full.
      if (this.#takeReply(packet as IncomingPublish)) return;
      // Their copy comes to one of the group. QoS 1 and 2 must be acknowledged.
      if (isPlain && packet.qos === 0) {
        const { onPlain, origin } = this.#options;
        onPlain?.(toMessage(packet as IncomingPublish, removeOrigin(origin, packet.topic)));
        return;
      }
      this.#received += 1;
    }
    this.inbox.receive(packet);
  }

  /** The connection is gone; with the code of the broker's DISCONNECT, or 0. */
  detach(reasonCode: number): void {
    this.inbox.detach();
    this.outbox.detach(reasonCode);
  }

  /** Nothing comes in or goes out any more. */
  close(error: ViadutoError): void {
    this.inbox.close();
    this.outbox.close(error);
  }
}

// Off the message: no client may send one (MQTT 5 section 3.3.4), and handlers may send on what
// they got.
function takeIdentifier({ properties }: IPublishPacket): number | number[] | undefined {
  const identifier = properties?.subscriptionIdentifier;
  if (properties && identifier !== undefined) delete properties.subscriptionIdentifier;
  return identifier;
}
