// Writes lines to a stream without ever blocking the loop or growing without bound. The log's. A
// reader that stops reading (a full pipe) costs lines, which are counted, and never the service.

import type { Writable } from "node:stream";

export type LineWriter = {
  write(line: string): void;
  /** Resolves when all that was written is on its way, or the stream is gone. */
  flush(): Promise<void>;
};

/** Bytes that may wait for a slow reader before lines are dropped. */
const WAITING_BYTES_MAX = 1 << 20;

export function createLineWriter(
  stream: Writable,
  waitingBytesMax = WAITING_BYTES_MAX,
): LineWriter {
  let waiting: string[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let writing = false;
  let isGone = false;
  let idle = Promise.withResolvers<void>();
  idle.resolve();

  // The reader has left (EPIPE): there is nobody to tell, and no reason to stop serving.
  stream.on("error", () => {
    isGone = true;
    waiting = [];
    idle.resolve();
  });

  function writeWaiting(): void {
    if (isGone || waiting.length === 0) {
      writing = false;
      return idle.resolve();
    }
    if (dropped > 0) waiting.push(`… ${dropped} log lines dropped: nobody read them in time`);
    const text = `${waiting.join("\n")}\n`;
    [waiting, waitingBytes, dropped] = [[], 0, 0];
    stream.write(text, writeWaiting);
  }

  return {
    write(line) {
      if (isGone) return;
      const bytes = Buffer.byteLength(line) + 1;
      if (waitingBytes + bytes > waitingBytesMax) {
        dropped += 1;
        return;
      }
      waitingBytes += bytes;
      waiting.push(line);
      if (writing) return;
      // All lines of one event-loop turn leave in one write.
      writing = true;
      idle = Promise.withResolvers<void>();
      setImmediate(writeWaiting);
    },
    flush: () => idle.promise,
  };
}
