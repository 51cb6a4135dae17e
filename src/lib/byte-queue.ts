// Bytes that came and are not parsed yet. In the binary it stands in for the package `bl`, on
// which mqtt-packet's parser works: `bl` makes a new Buffer for each of the three steps in which a
// packet is consumed, this one moves a number. A tenth of the embedded broker's CPU.
// Remove when mqtt-packet parses without `bl` (scripts/with-byte-queue.ts puts it in).

const EMPTY = Buffer.alloc(0);

/** What mqtt-packet uses of `bl`'s interface; offsets are from the first unconsumed byte. */
export class ByteQueue {
  #bytes: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  /** Whether the bytes after the end are ours to write. */
  #isOwn = false;

  get length(): number {
    return this.#end - this.#start;
  }

  append(bytes: Buffer): this {
    if (this.length === 0) this.#adopt(bytes);
    else {
      if (!this.#isOwn || this.#end + bytes.length > this.#bytes.length) this.#grow(bytes.length);
      this.#bytes.set(bytes, this.#end);
      this.#end += bytes.length;
    }
    return this;
  }

  consume(count: number): this {
    if (count < this.length) this.#start += count;
    else this.#adopt(EMPTY);
    return this;
  }

  readUInt8(offset: number): number {
    return this.#bytes.readUInt8(this.#at(offset, 1));
  }

  readUInt16BE(offset: number): number {
    return this.#bytes.readUInt16BE(this.#at(offset, 2));
  }

  readUInt32BE(offset: number): number {
    return this.#bytes.readUInt32BE(this.#at(offset, 4));
  }

  /** The bytes between two offsets, not copied. */
  slice(from = 0, to = this.length): Buffer {
    return this.#bytes.subarray(this.#start + from, this.#start + Math.min(to, this.length));
  }

  toString(encoding: BufferEncoding, from: number, to: number): string {
    return this.#bytes.toString(encoding, this.#start + from, this.#start + to);
  }

  // Most chunks hold whole packets: they are read where they lie.
  #adopt(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = bytes.length;
    this.#isOwn = false;
  }

  // By doubling, so that a large packet in many chunks is copied twice and not once for each. What
  // was sliced before stays in the old buffer.
  #grow(count: number): void {
    const { length } = this;
    const larger = Buffer.allocUnsafeSlow(2 * (length + count));
    larger.set(this.slice());
    this.#bytes = larger;
    this.#start = 0;
    this.#end = length;
    this.#isOwn = true;
  }

  #at(offset: number, count: number): number {
    if (offset < 0 || offset + count > this.length) throw new RangeError("beyond the last byte");
    return this.#start + offset;
  }
}
