// Lets a DISCONNECT arrive. A socket that is closed while the client still sends is reset, and what
// the client had not read yet is lost: the very packet that says why. Called by broker.ts.

import type { Duplex } from "node:stream";
import type { AedesClient } from "./aedes-client.ts";

/** How long a client that was told to leave may take to close its side. */
const LINGER_MS = 1_000;

type GentleStream = Duplex & {
  readonly client?: AedesClient;
  readonly destroyNow: Duplex["destroy"];
  isEnding?: boolean;
};

/** Once a DISCONNECT was sent, the stream's end is gentle: it writes no more, and reads on. */
export function letLastWordsArrive(stream: Duplex): void {
  // One function for all streams: a broker has thousands of them.
  Object.assign(stream, { destroyNow: stream.destroy, destroy: destroyGently });
}

function destroyGently(this: GentleStream, error?: Error): Duplex {
  const wasTold = (this.client?.disconnectReasonCode ?? null) !== null;
  if (error || this.isEnding || !wasTold || this.destroyed) return this.destroyNow(error);
  this.isEnding = true;
  const timer = setTimeout(() => this.destroyNow(), LINGER_MS);
  timer.unref();
  this.once("close", () => clearTimeout(timer));
  this.end();
  return this.resume();
}
