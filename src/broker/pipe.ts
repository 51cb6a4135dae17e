// An in-process connection: two streams, what is written to one is read from the other. The link
// reaches the embedded broker through it, with the same packets as over TCP and no socket.
// (node's stream.duplexPair never completes a CONNECT under Bun 1.4.5; remove when it does.)

import { Duplex } from "node:stream";
import { endReading } from "../lib/end-reading.ts";
import { joinWrites } from "../lib/joined-writes.ts";

class PipeEnd extends Duplex {
  peer: PipeEnd | undefined;
  /** What the broker's log calls this peer. */
  readonly remoteAddress = "in process";

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

/** Two connected streams. Neither ever makes its writer wait: both ends live in one process. */
export function createPipe(): [Duplex, Duplex] {
  const ends: [PipeEnd, PipeEnd] = [new PipeEnd(), new PipeEnd()];
  const [near, far] = ends;
  near.peer = far;
  far.peer = near;
  for (const end of ends) {
    const isOpen = () => !end.writableEnded && !end.peer?.destroyed;
    joinWrites(end, { sink: (bytes) => isOpen() && end.peer?.push(bytes) });
  }
  return ends;
}
