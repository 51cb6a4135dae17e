// One message as the broker passes it on: shared by all queues in which it waits. Made by
// publishing.ts and by the store; nothing changes it, but for what the store notes on it.

import type { MessageProperties, QoS } from "../topics/message.ts";
import { buildFrame, encodeProperties, type Frame, type FrameShape } from "./publish-frame.ts";

export type PublicationFields = {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties?: MessageProperties | undefined;
  /** The same in bytes, without length; made from them when absent. */
  readonly encodedProperties?: Buffer | undefined;
  /** Milliseconds since 1970, from the Message Expiry Interval; never when absent. */
  readonly expiresAtMs?: number | undefined;
  /** The client that sent it, for No Local. */
  readonly publisherId?: string | undefined;
};

const NO_PROPERTIES = Buffer.alloc(0);

export class Publication {
  readonly topic: string;
  payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: MessageProperties | undefined;
  readonly expiresAtMs: number;
  readonly publisherId: string | undefined;
  /** Its row in the store, and how many queues on disk hold it. */
  storeId = 0;
  storeReferences = 0;
  #encodedProperties: Buffer | undefined;
  /** Frames that more than one receiver may be sent, by shape. */
  #frames: (Frame | undefined)[] | undefined;

  constructor(fields: PublicationFields) {
    this.topic = fields.topic;
    this.payload = fields.payload;
    this.qos = fields.qos;
    this.retain = fields.retain;
    this.properties = fields.properties;
    this.#encodedProperties = fields.encodedProperties;
    this.expiresAtMs = fields.expiresAtMs ?? Number.POSITIVE_INFINITY;
    this.publisherId = fields.publisherId;
  }

  /** The properties that go out as they came; without length. */
  get encodedProperties(): Buffer {
    this.#encodedProperties ??= this.properties ? encodeProperties(this.properties) : NO_PROPERTIES;
    return this.#encodedProperties;
  }

  /** What it takes of the limits: payload and properties. */
  get bytes(): number {
    return this.payload.length + this.encodedProperties.length;
  }

  /** To be called when it is kept: what it came in, often many messages, is kept no longer. */
  ownPayload(): void {
    const { payload } = this;
    if (payload.buffer.byteLength <= 2 * payload.length) return;
    const own = Buffer.allocUnsafeSlow(payload.length);
    own.set(payload);
    this.payload = own;
  }

  isExpired(nowMs: number): boolean {
    return this.expiresAtMs <= nowMs;
  }

  /** Its PUBLISH packet. The packet identifier in it is the receiver's to write. */
  toFrame(shape: FrameShape): Frame {
    const isOfMany = !shape.identifiers && !shape.alias && this.expiresAtMs === Infinity;
    if (!isOfMany) return buildFrame(this, shape);
    const key =
      shape.qos |
      (Number(shape.retain) << 2) |
      (Number(shape.duplicate) << 3) |
      (Number(shape.version === 5) << 4);
    if (!this.#frames) return buildFrame(this, shape);
    this.#frames[key] ??= buildFrame(this, shape);
    return this.#frames[key];
  }

  /** While it is given to many, each form of it is built once. */
  shareFrames(isShared: boolean): void {
    this.#frames = isShared ? [] : undefined;
  }
}
