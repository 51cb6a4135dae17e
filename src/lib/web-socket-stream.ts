// A WebSocket as a byte stream (MQTT 5 section 6): what comes in binary frames is read, what is
// written leaves in binary frames. One face for Bun's server socket and the standard client socket.

import { Duplex } from "node:stream";
import { endReading } from "./end-reading.ts";

/** What the stream needs of a WebSocket. */
export type FrameSink = {
  send(bytes: Buffer): void;
  close(): void;
  /** Bytes given to `send` that the peer has not taken yet. */
  waitingBytes(): number;
  /** The stream has room again after `receive` has said that it has none. */
  resume?(): void;
  /** Largest frame that is sent; what is written at once leaves as one frame when absent. */
  readonly frameBytesMax?: number;
};

/** How often a full socket is asked whether it has room again, milliseconds. */
const DRAIN_POLL_MS = 20;
const WAITING_BYTES_HIGH = 1 << 20;

export class WebSocketStream extends Duplex {
  readonly remoteAddress: string;
  readonly #sink: FrameSink;

  constructor(sink: FrameSink, remoteAddress: string) {
    super();
    this.#sink = sink;
    this.remoteAddress = remoteAddress;
  }

  /** A binary frame came in. False: no more should come until `resume` is called. */
  receive(bytes: Buffer): boolean {
    return this.destroyed || this.push(bytes);
  }

  /** The peer closed the socket. */
  finish(): void {
    if (!this.destroyed) endReading(this);
  }

  override _read(): void {
    this.#sink.resume?.();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { frameBytesMax = bytes.length } = this.#sink;
    // [MQTT-6.0.0-2] a packet may go on in the next frame.
    for (let at = 0; at < bytes.length; at += frameBytesMax) {
      this.#sink.send(bytes.subarray(at, at + frameBytesMax));
    }
    this.#whenDrained(done);
  }

  override _final(done: () => void): void {
    this.#sink.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#sink.close();
    done(error);
  }

  // Neither kind of socket tells when it has room in the same way, but both can be asked.
  #whenDrained(done: () => void): void {
    if (this.destroyed || this.#sink.waitingBytes() <= WAITING_BYTES_HIGH) return done();
    setTimeout(() => this.#whenDrained(done), DRAIN_POLL_MS);
  }
}
