// The buffers in which messages wait for the history's thread: a few, used again and again, so that
// what is recorded makes no memory grow. Called by history alone.

import { type Batch, createBatch } from "./history-batch.ts";
import type { ObservedMessage } from "./observation.ts";

export type Batches = {
  readonly add: (message: ObservedMessage) => void;
  /** Sends what waits. */
  readonly flush: () => void;
  /** The thread has read it. */
  readonly takeBack: (buffer: ArrayBuffer) => void;
};

export type BatchesOptions = {
  readonly payloadBytesMax: number;
  /** Takes the buffer away, until it is given back. */
  readonly send: (batch: Batch) => void;
  /** All buffers are under way: the message is not recorded. */
  readonly onSkip: () => void;
};

/** Beside the room that one payload may need. */
const BATCH_BYTES = 1 << 20;
/** The thread is a few hundred milliseconds behind when so many are under way. */
const UNDER_WAY_MAX = 8;
/** Kept for the next batches; the others are made anew when they are needed. */
const SPARE_MAX = 2;
/** How long a message waits for others. */
const GATHER_MS = 100;

export function createBatches({ payloadBytesMax, send, onSkip }: BatchesOptions): Batches {
  const spare: ArrayBuffer[] = [];
  let current: Batch | undefined;
  let underWay = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!current || current.count === 0) return;
    const batch = current;
    current = undefined;
    underWay += 1;
    send(batch);
  }
  function flushLater(): void {
    timer = setTimeout(() => {
      // A thread that has not read the last one takes a full one as fast as a small one.
      if (underWay > 1) flushLater();
      else flush();
    }, GATHER_MS);
  }
  function getBatch(): Batch | undefined {
    if (current || underWay >= UNDER_WAY_MAX) return current;
    const buffer = spare.pop() ?? new ArrayBuffer(BATCH_BYTES + payloadBytesMax);
    current = createBatch(buffer, payloadBytesMax);
    return current;
  }
  return {
    add(message) {
      if (!getBatch()?.add(message)) {
        flush();
        if (!getBatch()?.add(message)) return onSkip();
      }
      if (timer === undefined) flushLater();
    },
    flush,
    takeBack(buffer) {
      underWay -= 1;
      if (spare.length < SPARE_MAX) spare.push(buffer);
    },
  };
}
