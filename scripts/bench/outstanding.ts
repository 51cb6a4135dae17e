// The load generator's requests: one device each, so that an answer tells which request it answers.
// A device has one request outstanding at most; the one that rested longest is next.

import { encodePublish } from "./mqtt-bytes.ts";

const DEVICES_MIN = 1_024;
const ID_PREFIX = '{"device_id":"sensor-';
/** A letter of the prefix by which an answer is told from anything else. */
const MARK = { at: ID_PREFIX.length - 2, byte: "r".charCodeAt(0) };
const QUOTE = '"'.charCodeAt(0);
const ZERO = "0".charCodeAt(0);
const IDENTIFIER_MAX = 65_535;

export class Outstanding {
  readonly #requests: readonly { readonly bytes: Buffer; readonly at: number }[];
  /** A ring of the devices that rest: taken at the head, put back at the tail. */
  readonly #resting: Uint32Array;
  #head = 0;
  #tail = 0;
  /** Of each device: when its request left; 0 when it rests. */
  readonly #sentAt: Float64Array;
  #identifier = 0;
  #size = 0;

  constructor(window: number, topic: string) {
    const count = Math.max(DEVICES_MIN, window * 4);
    this.#resting = Uint32Array.from({ length: count }, (_, device) => device);
    this.#sentAt = new Float64Array(count);
    this.#requests = Array.from({ length: count }, (_, device) => {
      return encodePublish(topic, `${ID_PREFIX}${device}","version":"1.0"}`);
    });
  }

  /** Requests without an answer. */
  get size(): number {
    return this.#size;
  }

  /** The next request's packet; valid until the same device's next. */
  next(now: number): Buffer {
    const device = this.#resting[this.#head] ?? 0;
    this.#head = (this.#head + 1) % this.#resting.length;
    const request = this.#requests[device];
    if (!request) throw new Error(`no device ${device}`);
    this.#identifier = (this.#identifier % IDENTIFIER_MAX) + 1;
    request.bytes[request.at] = this.#identifier >> 8;
    request.bytes[request.at + 1] = this.#identifier & 255;
    this.#sentAt[device] = now;
    this.#size += 1;
    return request.bytes;
  }

  /** When the request of this answer left; 0 when it has been answered before. */
  settle(answer: Buffer, payloadStart: number): number {
    if (answer[payloadStart + MARK.at] !== MARK.byte) throw new Error("this is not an answer");
    let device = 0;
    let at = payloadStart + ID_PREFIX.length;
    for (let digit = answer[at]; digit !== undefined && digit !== QUOTE; digit = answer[++at]) {
      device = device * 10 + digit - ZERO;
    }
    const sentAt = this.#sentAt[device] ?? 0;
    if (sentAt === 0) return 0;
    this.#sentAt[device] = 0;
    this.#resting[this.#tail] = device;
    this.#tail = (this.#tail + 1) % this.#resting.length;
    this.#size -= 1;
    return sentAt;
  }
}
