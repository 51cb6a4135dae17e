// An in-process connection: two streams, what is written to one is read from the other. The link
// reaches the embedded broker through it, with the same packets as over TCP and no socket.
// (node's stream.duplexPair never completes a CONNECT under Bun 1.4.5; remove when it does.)

import { Duplex } from "node:stream";
import { endReading } from "../lib/end-reading.ts";
import { type JoinedWrites, type JoinOptions, joinWrites } from "../lib/joined-writes.ts";

class PipeEnd extends Duplex {
  peer: PipeEnd | undefined;
  readonly writes: JoinedWrites;
  /** What the broker's log calls this peer. */
  readonly remoteAddress = "in process";

  constructor(options: JoinOptions) {
    super();
    const isOpen = () => !this.writableEnded && !this.peer?.destroyed;
    const sink = (bytes: Buffer) => isOpen() && this.peer?.push(bytes);
    this.writes = joinWrites(this, { ...options, sink });
  }

  override _read(): void {}

  override _final(done: () => void): void {
    if (!this.peer?.destroyed) this.peer?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const peer = this.peer;
    queueMicrotask(() => {
      if (peer && !peer.destroyed) endReading(peer);
    });
    done(error);
  }
}

/**
 * Two connected streams. Neither ever makes its writer wait: both ends live in one process. What is
 * written to the far one is joined with these options.
 */
export function createPipe(farOptions: JoinOptions = {}): [PipeEnd, PipeEnd] {
  const [near, far] = [new PipeEnd({}), new PipeEnd(farOptions)];
  near.peer = far;
  far.peer = near;
  return [near, far];
}
