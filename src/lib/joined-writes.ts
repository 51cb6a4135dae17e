// Joins all writes of one event-loop turn into one. An MQTT packet is written in five to seven
// pieces and a busy broker writes hundreds of packets a turn: one system call each is what a broker
// spends most of its time on. Used for every connection of the broker and of the link.

import type { Duplex } from "node:stream";

export type JoinedWrites = {
  /** Bytes that the peer has not taken yet, those of this turn included. */
  waitingBytes(): number;
  /** Those that were offered to the peer, and that it has not taken. */
  unreadBytes(): number;
  /** Resolves when at most so many bytes wait, or the stream is gone. */
  drained(waitingBytes: number): Promise<void>;
  /** Gives the buffer back when nothing was written since the last time. */
  rest(): void;
};

/** Thousands of streams may have the same ones: each is told which stream it is about. */
export type JoinOptions = {
  /** Where a turn's bytes go; the stream's own `write` when absent. */
  readonly sink?: (bytes: Buffer) => unknown;
  /** Shown what leaves, turn by turn; what it gives leaves instead. */
  readonly onFlush?: (bytes: Buffer, stream: Duplex) => Buffer;
  /** Bytes that may wait for the peer; without a limit when absent. */
  readonly waitingBytesMax?: number;
  /** Called once, when more bytes than that wait. */
  readonly onOverflow?: (stream: Duplex) => void;
};

/** Most connections say little; it grows with what is said in a turn. */
const SCRATCH_BYTES_MIN = 64;
/** A scratch buffer that once had to hold more than this is not kept. */
const SCRATCH_BYTES_KEPT = 256 * 1_024;

/**
 * Replaces `write`, `cork` and `uncork` of the stream. `write` answers true, always: whoever writes
 * never waits for a slow peer, and `onOverflow` decides what becomes of that peer. aedes would
 * otherwise hold back every subscriber for the slowest one.
 */
export function joinWrites(stream: Duplex, options: JoinOptions = {}): JoinedWrites {
  const joined = new Joined(stream, options);
  // The functions are the same for all streams: a broker has one for each idle connection.
  return Object.assign(stream, { joined, write, cork: nothing, uncork: nothing, destroy, end })
    .joined;
}

type JoinedStream = Duplex & { readonly joined: Joined };
type Callback = () => void;

function write(
  this: JoinedStream,
  chunk: string | Uint8Array,
  encoding?: unknown,
  done?: Callback,
): boolean {
  this.joined.append(chunk);
  const callback = typeof encoding === "function" ? (encoding as Callback) : done;
  if (callback) setImmediate(callback);
  return true;
}

function nothing(): void {}

// What was written before the end still leaves: a DISCONNECT is followed by a close at once.
function destroy(this: JoinedStream, error?: Error): Duplex {
  if (!error) this.joined.flush();
  return this.joined.own.destroy.call(this, error);
}

function end(this: JoinedStream, ...rest: unknown[]): Duplex {
  this.joined.flush();
  return (this.joined.own.end as (...rest: unknown[]) => Duplex).apply(this, rest);
}

class Joined implements JoinedWrites {
  /** What the stream did before. */
  readonly own: Pick<Duplex, "write" | "end" | "destroy">;
  readonly #stream: Duplex;
  readonly #options: JoinOptions;
  /** Made at the first write: an idle connection has none. */
  #buffer: Buffer | undefined;
  #length = 0;
  #isScheduled = false;
  #hasOverflown = false;
  #wasUsed = false;

  constructor(stream: Duplex, options: JoinOptions) {
    const { write, end, destroy } = stream;
    this.own = { write, end, destroy };
    this.#stream = stream;
    this.#options = options;
  }

  waitingBytes(): number {
    return this.#length + this.#stream.writableLength;
  }

  unreadBytes(): number {
    return this.#stream.writableLength;
  }

  async drained(bytes: number): Promise<void> {
    while (this.waitingBytes() > bytes && !this.#stream.destroyed) await nextChange(this.#stream);
  }

  rest(): void {
    if (!this.#wasUsed && this.#length === 0) this.#buffer = undefined;
    this.#wasUsed = false;
  }

  append(chunk: string | Uint8Array): void {
    if (this.#stream.destroyed) return;
    if (typeof chunk === "string") {
      this.#length += this.#reserve(chunk.length * 3).write(chunk, this.#length, "utf8");
    } else {
      this.#reserve(chunk.length).set(chunk, this.#length);
      this.#length += chunk.length;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#wasUsed = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#length === 0 || this.#stream.destroyed) return;
    const { sink, onFlush, waitingBytesMax = Number.POSITIVE_INFINITY, onOverflow } = this.#options;
    const taken = this.#take();
    const bytes = onFlush ? onFlush(taken, this.#stream) : taken;
    if (sink) sink(bytes);
    else (this.own.write as (bytes: Buffer) => boolean).call(this.#stream, bytes);
    if (this.#hasOverflown || this.#stream.writableLength <= waitingBytesMax) return;
    this.#hasOverflown = true;
    onOverflow?.(this.#stream);
  }

  #reserve(bytes: number): Buffer {
    const needed = this.#length + bytes;
    if (this.#buffer && this.#buffer.length >= needed) return this.#buffer;
    let size = this.#buffer?.length ?? SCRATCH_BYTES_MIN;
    while (size < needed) size *= 2;
    const larger = Buffer.allocUnsafeSlow(size);
    this.#buffer?.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
    return larger;
  }

  /** The bytes of this turn, to be kept by whoever takes them. */
  #take(): Buffer {
    const bytes = Buffer.from(this.#reserve(0).subarray(0, this.#length));
    this.#length = 0;
    if (this.#buffer && this.#buffer.length > SCRATCH_BYTES_KEPT) this.#buffer = undefined;
    return bytes;
  }
}

function nextChange(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    // What was written in this turn is not with the stream yet.
    if (!stream.writableNeedDrain) return void setImmediate(resolve);
    const settle = () => {
      stream.off("drain", settle).off("close", settle);
      resolve();
    };
    stream.on("drain", settle).on("close", settle);
  });
}
