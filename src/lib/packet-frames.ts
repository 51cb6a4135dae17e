// Cuts the bytes of one MQTT connection into whole packets. Used by broker/connection-guard.ts. It
// knows how long a packet will be before its body has come, and never looks into the body.

const EMPTY = Buffer.alloc(0);
/** The first byte, and the longest remaining length (section 2.1.4). */
const HEAD_BYTES_MAX = 5;
/** The least that is reserved for a packet which does not come in one piece. */
const PART_BYTES_MIN = 64;

/** What `announcedBytes` says of a remaining length of more than four bytes. */
export const TOO_LONG = -1;

/**
 * Bytes are put in with `push` and come out with `take`, packet by packet. Between two packets it
 * holds nothing: ten thousand idle connections must stay small.
 */
export class PacketFrames {
  /** What came last, and how far it is used up. */
  #chunk: Buffer = EMPTY;
  #at = 0;
  /** The beginning of a packet that did not end with its chunk. */
  #part: Buffer = EMPTY;
  #partBytes = 0;

  /** Adds a chunk. It is not copied, so nobody may write to it any more. */
  push(bytes: Buffer): void {
    const left = this.#chunk.length - this.#at;
    if (left === 0) this.#chunk = bytes;
    else this.#chunk = Buffer.concat([this.#chunk.subarray(this.#at), bytes]);
    this.#at = 0;
  }

  /**
   * The size of the next packet with its header. 0 as long as its header is not here; TOO_LONG when
   * no packet can be that long.
   */
  announcedBytes(): number {
    let length = 0;
    for (let at = 1; at < HEAD_BYTES_MAX; at++) {
      const byte = this.#peek(at);
      if (byte < 0) return 0;
      length += (byte & 0x7f) << (7 * (at - 1));
      if (byte < 0x80) return length + at + 1;
    }
    return TOO_LONG;
  }

  /** The first bytes of the next packet, as far as they are here. */
  head(count: number): Buffer {
    const bytes: number[] = [];
    for (let at = 0; at < count && this.#peek(at) >= 0; at++) bytes.push(this.#peek(at));
    return Buffer.from(bytes);
  }

  /** The next packet, when it is here as a whole: its bytes where they lay, if in one chunk. */
  take(): Buffer | undefined {
    const size = this.announcedBytes();
    const left = this.#chunk.length - this.#at;
    if (left === 0 || size === TOO_LONG) return undefined;
    if (this.#partBytes === 0 && size > 0 && size <= left) {
      const frame = this.#chunk.subarray(this.#at, this.#at + size);
      this.#skip(size);
      return frame;
    }
    // With no size, all that is left belongs to the header.
    this.#keep(size > 0 ? Math.min(size - this.#partBytes, left) : left, size);
    if (size === 0 || this.#partBytes < size) return undefined;
    const frame = this.#part.subarray(0, size);
    this.#part = EMPTY;
    this.#partBytes = 0;
    return frame;
  }

  /** Moves the next bytes of the chunk to the packet's beginning, of which `size` will come. */
  #keep(count: number, size: number): void {
    const needed = this.#partBytes + count;
    if (needed > this.#part.length) {
      // By doubling, so that a large packet in many chunks is copied twice and not once for each.
      // Never all that is announced: nobody has sent that yet.
      const roomy = Math.max(needed, 2 * this.#part.length, PART_BYTES_MIN);
      const larger = Buffer.allocUnsafeSlow(size > 0 ? Math.min(roomy, size) : roomy);
      larger.set(this.#part.subarray(0, this.#partBytes));
      this.#part = larger;
    }
    this.#part.set(this.#chunk.subarray(this.#at, this.#at + count), this.#partBytes);
    this.#partBytes = needed;
    this.#skip(count);
  }

  #skip(count: number): void {
    this.#at += count;
    if (this.#at < this.#chunk.length) return;
    this.#chunk = EMPTY;
    this.#at = 0;
  }

  /** One byte of the next packet; -1 when it is not here. */
  #peek(at: number): number {
    if (at < this.#partBytes) return this.#part[at] ?? -1;
    return this.#chunk[this.#at + at - this.#partBytes] ?? -1;
  }
}
