// The load generator's way out: all packets of one turn in one buffer, and one write of it.

import { PUBACK } from "./mqtt-bytes.ts";

/** Far more than the acknowledgements and requests that one read can give rise to. */
const OUTPUT_BYTES = 4 << 20;

export class Output {
  readonly #bytes = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  #length = 0;

  append(packet: Buffer): void {
    this.#bytes.set(packet, this.#length);
    this.#length += packet.length;
  }

  appendPuback(identifier: number): void {
    const at = this.#length;
    this.#bytes[at] = PUBACK << 4;
    this.#bytes[at + 1] = 2;
    this.#bytes[at + 2] = identifier >> 8;
    this.#bytes[at + 3] = identifier & 255;
    this.#length += 4;
  }

  /** What the socket does not take stays at the front, until it drains. */
  flush(socket: Bun.Socket): void {
    if (this.#length === 0) return;
    const written = Math.max(socket.write(this.#bytes.subarray(0, this.#length)), 0);
    if (written < this.#length) this.#bytes.copyWithin(0, written, this.#length);
    this.#length -= written;
  }
}
