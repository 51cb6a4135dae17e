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
};

export type JoinOptions = {
  /** Where a turn's bytes go; the stream's own `write` when absent. */
  readonly sink?: (bytes: Buffer) => unknown;
  /** Shown what leaves, turn by turn; what it gives leaves instead. */
  readonly onFlush?: (bytes: Buffer) => Buffer;
  /** Bytes that may wait for the peer; without a limit when absent. */
  readonly waitingBytesMax?: number;
  /** Called once, when more bytes than that wait. */
  readonly onOverflow?: () => void;
};

const SCRATCH_BYTES_MIN = 2_048;
/** A scratch buffer that once had to hold more than this is not kept. */
const SCRATCH_BYTES_KEPT = 256 * 1_024;

/**
 * Replaces `write`, `cork` and `uncork` of the stream. `write` answers true, always: whoever writes
 * never waits for a slow peer, and `onOverflow` decides what becomes of that peer. aedes would
 * otherwise hold back every subscriber for the slowest one.
 */
export function joinWrites(stream: Duplex, options: JoinOptions = {}): JoinedWrites {
  const { waitingBytesMax = Number.POSITIVE_INFINITY, onOverflow } = options;
  const writeDown = options.sink ?? stream.write.bind(stream);
  const destroy = stream.destroy.bind(stream);
  const end = stream.end.bind(stream);
  const turn = createScratch();
  let isScheduled = false;
  let hasOverflown = false;

  function flush(): void {
    isScheduled = false;
    if (turn.length === 0 || stream.destroyed) return;
    const bytes = turn.take();
    writeDown(options.onFlush ? options.onFlush(bytes) : bytes);
    if (hasOverflown || stream.writableLength <= waitingBytesMax) return;
    hasOverflown = true;
    onOverflow?.();
  }

  const waitingBytes = () => turn.length + stream.writableLength;
  const nothing = () => {};
  Object.assign(stream, {
    write(chunk: string | Uint8Array, encoding?: unknown, done?: () => void): boolean {
      turn.append(chunk);
      if (!isScheduled) setImmediate(flush);
      isScheduled = true;
      const callback = typeof encoding === "function" ? encoding : done;
      if (callback) setImmediate(callback as () => void);
      return true;
    },
    cork: nothing,
    uncork: nothing,
    // What was written before the end still leaves: a DISCONNECT is followed by a close at once.
    destroy(error?: Error) {
      if (!error) flush();
      return destroy(error);
    },
    end(...rest: Parameters<typeof end>) {
      flush();
      return end(...rest);
    },
  });
  return {
    waitingBytes,
    unreadBytes: () => stream.writableLength,
    async drained(bytes) {
      while (waitingBytes() > bytes && !stream.destroyed) await nextChange(stream);
    },
  };
}

/** The bytes of one turn. Its buffer is made at the first write: an idle connection has none. */
function createScratch() {
  let buffer: Buffer | undefined;
  let length = 0;

  function reserve(bytes: number): Buffer {
    const needed = length + bytes;
    if (buffer && buffer.length >= needed) return buffer;
    let size = buffer?.length ?? SCRATCH_BYTES_MIN;
    while (size < needed) size *= 2;
    const larger = Buffer.allocUnsafeSlow(size);
    buffer?.copy(larger, 0, 0, length);
    buffer = larger;
    return larger;
  }
  return {
    get length() {
      return length;
    },
    append(chunk: string | Uint8Array): void {
      if (typeof chunk === "string") {
        length += reserve(chunk.length * 3).write(chunk, length, "utf8");
        return;
      }
      reserve(chunk.length).set(chunk, length);
      length += chunk.length;
    },
    /** All of them, to be kept by whoever takes them. */
    take(): Buffer {
      const bytes = Buffer.from(reserve(0).subarray(0, length));
      length = 0;
      if (buffer && buffer.length > SCRATCH_BYTES_KEPT) buffer = undefined;
      return bytes;
    },
  };
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
