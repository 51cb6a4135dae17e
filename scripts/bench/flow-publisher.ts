// One publisher of the broker's load generator. Its packets are made before the clock runs: a ring
// of them in one buffer, numbered, so that sending any number of them is one write of a slice.

import { type Connection, openConnection } from "./connection.ts";
import type { FlowOrder } from "./flow-order.ts";
import { encodePublish, FAILURE_MIN, PUBACK } from "./mqtt-bytes.ts";

/** Payloads begin with the publisher and the message's place in its ring, two bytes each. */
export const PAYLOAD_HEAD_BYTES = 4;
export const TOPIC_PREFIX = "bench/";
/** In a ring, more messages than may be on their way: a place then tells one message. */
const RING_PER_WINDOW = 4;
const RING_BYTES_MIN = 64 << 10;

export class FlowPublisher {
  readonly ringLength: number;
  readonly #ring: Buffer;
  readonly #packetBytes: number;
  readonly #order: FlowOrder;
  #connection: Connection | undefined;
  #sent = 0;
  #acknowledged = 0;
  /** Up to the latest message that all subscribers have got; one before it may be lost. */
  #completed = 0;

  constructor(index: number, order: FlowOrder) {
    this.#order = order;
    const { bytes } = toPacket(index, 0, order);
    this.#packetBytes = bytes.length;
    const atLeast = Math.max(order.window * RING_PER_WINDOW, RING_BYTES_MIN / bytes.length);
    this.ringLength = 2 ** Math.ceil(Math.log2(atLeast));
    this.#ring = Buffer.allocUnsafeSlow(this.ringLength * bytes.length);
    for (let place = 0; place < this.ringLength; place++) {
      this.#ring.set(toPacket(index, place, order).bytes, place * bytes.length);
    }
  }

  async open(index: number, onRead: () => void): Promise<void> {
    const onPacket = (first: number, bytes: Buffer, start: number, end: number) => {
      if (first >> 4 !== PUBACK) throw new Error(`a publisher got packet type ${first >> 4}`);
      const reasonCode = end - start > 2 ? (bytes[start + 2] ?? 0) : 0;
      if (reasonCode >= FAILURE_MIN) throw new Error(`PUBACK refuses with ${reasonCode}`);
      this.#acknowledged += 1;
    };
    const { port } = this.#order;
    const clientId = `bench-publisher-${index}`;
    this.#connection = await openConnection({ port, clientId, onPacket, onRead });
  }

  /** Messages that were sent and not yet got by all, or not acknowledged. */
  get outstanding(): number {
    return this.#sent - this.#settled;
  }

  get sent(): number {
    return this.#sent;
  }

  get #settled(): number {
    if (this.#order.qos === 0) return this.#completed;
    return Math.min(this.#completed, this.#acknowledged);
  }

  /** All subscribers have got the message at this place. */
  complete(place: number): void {
    const ahead = (place - this.#completed) & (this.ringLength - 1); // A power of two.
    // What comes late, after later ones, is counted already.
    if (ahead < this.#sent - this.#completed) this.#completed += ahead + 1;
  }

  /** What was acknowledged and does not come is not waited for any longer. */
  writeOff(): void {
    this.#completed = this.#sent;
  }

  /** Sends what the window has room for, at most so many, and tells where; answers how many. */
  fill(messagesMax: number, onSend: (place: number, count: number) => void): number {
    const { window, qos } = this.#order;
    const receiveMaximum = this.#connection?.receiveMaximum ?? 0;
    let room = window - this.outstanding;
    // [MQTT-4.9.0-2] no more than the broker's Receive Maximum leave before they are acknowledged.
    if (qos === 1) room = Math.min(room, receiveMaximum - (this.#sent - this.#acknowledged));
    const count = Math.min(room, messagesMax);
    for (let left = count; left > 0; ) {
      const place = this.#sent % this.ringLength;
      const slice = Math.min(left, this.ringLength - place);
      onSend(place, slice);
      const from = place * this.#packetBytes;
      this.#connection?.send(this.#ring.subarray(from, from + slice * this.#packetBytes));
      this.#sent += slice;
      left -= slice;
    }
    return Math.max(count, 0);
  }
}

function toPacket(index: number, place: number, { qos, payloadBytes }: FlowOrder) {
  const payload = Buffer.alloc(payloadBytes, "x");
  payload.writeUInt16BE(index, 0);
  payload.writeUInt16BE(place, 2);
  const packet = encodePublish(`${TOPIC_PREFIX}${index}`, payload, { qos });
  // Identifiers begin with 1. The ring is longer than the window: none is used twice at a time.
  if (qos === 1) packet.bytes.writeUInt16BE(place + 1, packet.at);
  return packet;
}
