// Messages on their way to the broker: they wait in a bounded queue, leave through a send window,
// and outlive the connection until they are acknowledged (MQTT 5 section 4.4).

import type { Packet } from "mqtt-packet";
import { CoarseDeadlines } from "../lib/coarse-deadlines.ts";
import { toReason, ViadutoError } from "../lib/errors.ts";
import type { OutgoingMessage, PublishResult } from "../topics/message.ts";
import type { Connection } from "./connection.ts";
import { PublishFigures } from "./link-figures.ts";
import type { OutboxEntry as Entry, OutboxOptions, PublishOwner } from "./outbox-entry.ts";
import { findOutgoingProblem } from "./outgoing-problem.ts";
import { FAILURE_MIN, toPublishFailure } from "./publish-failure.ts";
import { toPublishPacket } from "./publish-packet.ts";
import { findLimitProblem } from "./server-limits.ts";
import { Suspects } from "./suspects.ts";

/** How often a socket that is full is asked whether it has room for QoS 0. */
const RETRY_MS = 20;

export class Outbox {
  readonly figures = new PublishFigures();
  readonly #options: OutboxOptions;
  #waiting = new Set<Entry>();
  #waitingBytes = 0;
  readonly #inFlight = new Map<number, Entry>();
  readonly #suspects = new Suspects();
  #connection: Connection | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  readonly #deadlines = new CoarseDeadlines();
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async drained(): Promise<void> {
    if (this.size === 0) return;
    this.#drained = Promise.withResolvers();
    await this.#drained.promise;
  }

  /** Messages not acknowledged yet, sent or not. */
  get size(): number {
    return this.#waiting.size + this.#inFlight.size;
  }

  /** Of the payloads that are not sent. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * Resolves when the broker has acknowledged the message (QoS 0: when it was sent). With a
   * deadline, in milliseconds, it rejects with `publish_timeout` when that passes first, and with
   * `outbox_full` when too many wait already; without one it is a handler's, and waits.
   * It rejects with `run_ended` when the owner has ended before the message could leave.
   */
  publish(
    message: OutgoingMessage,
    timeoutMs?: number,
    owner?: PublishOwner,
  ): Promise<PublishResult> {
    this.figures.published += 1;
    const packet = toPublishPacket(message);
    const { topic } = message;
    const problem = findOutgoingProblem(packet, this.#options.topicLimits);
    if (problem) return this.#refuse(problem);
    if (timeoutMs !== undefined && this.#isFullFor(message)) {
      return this.#refuse(new ViadutoError("outbox_full", { waiting: this.#waiting.size }));
    }
    const settled = Promise.withResolvers<PublishResult>();
    const entry: Entry = {
      packet,
      settled,
      deadline: undefined,
      owner,
      isSent: false,
      releasedWith: undefined,
    };
    const expire = () => {
      // What was sent keeps its identifier until the broker answers; what was not is forgotten.
      if (!entry.isSent) this.#remove(entry);
      const facts = { topic, timeoutMs: timeoutMs ?? 0 };
      const error = new ViadutoError("publish_timeout", facts);
      this.figures.fail(error);
      settled.reject(error);
    };
    if (timeoutMs !== undefined) entry.deadline = this.#deadlines.set(timeoutMs, expire);
    this.#waiting.add(entry);
    this.#waitingBytes += packet.payload.length;
    this.#sendWaiting();
    return settled.promise;
  }

  /** A connection is open: first what was in flight, in its order, then what waits. */
  attach(connection: Connection): number {
    const again = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#connection = connection;
    this.#waiting = new Set([...again, ...this.#waiting]);
    for (const { packet } of again) this.#waitingBytes += packet.payload.length;
    this.#sendWaiting();
    return again.length;
  }

  /** The connection is gone; with the code of the broker's DISCONNECT, or 0. */
  detach(reasonCode: number): void {
    this.#connection = undefined;
    this.figures.forget();
    const culprit = this.#suspects.judge([...this.#inFlight.values()], reasonCode);
    if (culprit) this.#fail(culprit, toPublishFailure(culprit.packet.topic, reasonCode));
  }

  /** Takes the broker's answer to a publish: PUBACK, PUBREC or PUBCOMP. */
  receive(packet: Packet): void {
    if (packet.cmd !== "puback" && packet.cmd !== "pubrec" && packet.cmd !== "pubcomp") return;
    const messageId = packet.messageId ?? 0;
    const entry = this.#inFlight.get(messageId);
    if (!entry) return;
    const reasonCode = packet.reasonCode ?? 0;
    if (packet.cmd === "pubrec" && reasonCode < FAILURE_MIN) {
      entry.releasedWith = reasonCode;
      this.#connection?.send({ cmd: "pubrel", messageId });
      return;
    }
    // "Packet Identifier not found", after a PUBREL that was sent again, is no error: the first one
    // had arrived (MQTT 5 section 4.3.3 and 3.7.2.1). What became of the message PUBREC has said.
    this.#settle(entry, packet.cmd === "pubcomp" ? (entry.releasedWith ?? 0) : reasonCode);
    this.#sendWaiting();
  }

  /** Fails everything that is still here. */
  close(error: ViadutoError): void {
    const entries = [...this.#inFlight.values(), ...this.#waiting];
    this.#inFlight.clear();
    this.#waiting.clear();
    clearTimeout(this.#later);
    for (const { settled, deadline } of entries) {
      deadline?.clear();
      this.figures.fail(error);
      settled.reject(error);
    }
  }

  #sendWaiting(): void {
    const connection = this.#connection;
    if (!connection) return;
    const { receiveMaximum } = connection.limits;
    const isOneByOne = this.#suspects.isAny;
    const window = isOneByOne ? 1 : Math.min(receiveMaximum, this.#options.sendWindow);
    for (const entry of this.#waiting) {
      if (entry.packet.qos === 0 && !isOneByOne) {
        // QoS 0 has no acknowledgement to hold it back: the bytes that the broker has not read do.
        if (connection.waitingBytes > this.#options.bytesMax) return this.#sendLater();
      } else if (this.#inFlight.size >= window) return;
      this.#send(entry, connection);
    }
  }

  // No packet will tell that the broker has read on.
  #sendLater(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#sendWaiting();
    }, RETRY_MS);
  }

  #send(entry: Entry, connection: Connection): void {
    const { packet, owner } = entry;
    // Its message comes again, or is a dead letter: a late answer would say that all went well.
    if (owner?.isEnded && !entry.isSent) {
      const facts = { handler: owner.name, topic: packet.topic };
      return this.#fail(entry, new ViadutoError("run_ended", facts));
    }
    packet.dup = entry.isSent && connection.isSessionPresent;
    const problem = findLimitProblem(packet, connection.limits);
    if (problem) return this.#fail(entry, problem);
    // A broker that has forgotten the session has passed a released message on already.
    const { releasedWith } = entry;
    const isReleased = releasedWith !== undefined;
    if (isReleased && !connection.isSessionPresent) return this.#settle(entry, releasedWith);
    if (packet.qos > 0) {
      if (!entry.isSent) packet.messageId = this.#options.identifiers.allocate();
      entry.isSent = true;
      this.#leaveQueue(entry);
      this.#inFlight.set(packet.messageId ?? 0, entry);
      this.figures.leave(entry);
    }
    try {
      const { messageId = 0 } = packet;
      connection.send(isReleased ? { cmd: "pubrel", messageId } : packet);
    } catch (cause) {
      // Half a packet may have left: the connection is lost, and the message must not come again.
      const facts = { topic: packet.topic, reason: toReason(cause) };
      this.#fail(entry, new ViadutoError("message_invalid", facts, { cause }));
      return connection.destroy();
    }
    if (packet.qos === 0) this.#settle(entry, 0);
  }

  #settle(entry: Entry, reasonCode: number): void {
    const { topic } = entry.packet;
    this.figures.answer(entry);
    if (reasonCode >= FAILURE_MIN) {
      return this.#fail(entry, toPublishFailure(topic, reasonCode));
    }
    this.#remove(entry);
    this.figures.acknowledged += 1;
    entry.settled.resolve({ reasonCode });
  }

  #fail(entry: Entry, error: ViadutoError): void {
    this.#remove(entry);
    this.figures.fail(error);
    entry.settled.reject(error);
  }

  #refuse(error: ViadutoError): Promise<never> {
    this.figures.fail(error);
    return Promise.reject(error);
  }

  /** Forgets an entry, wherever it is, and frees its identifier. */
  #remove(entry: Entry): void {
    entry.deadline?.clear();
    this.#suspects.clear(entry);
    this.#leaveQueue(entry);
    const { messageId = 0 } = entry.packet;
    if (entry.isSent) {
      this.#inFlight.delete(messageId);
      this.#options.identifiers.deallocate(messageId);
    }
    if (this.size === 0) this.#drained?.resolve();
  }

  #leaveQueue(entry: Entry): void {
    if (this.#waiting.delete(entry)) this.#waitingBytes -= entry.packet.payload.length;
  }

  #isFullFor({ payload }: OutgoingMessage): boolean {
    const { messagesMax, bytesMax } = this.#options;
    return this.#waiting.size >= messagesMax || this.#waitingBytes + payload.length > bytesMax;
  }
}
