// Lets a DISCONNECT arrive. A socket that is closed while the client still sends is reset, and what
// the client had not read yet is lost: the very packet that says why. Called by broker.ts.

import type { Duplex } from "node:stream";
import type { AedesClient } from "./aedes-client.ts";

/** How long a client that was told to leave may take to close its side. */
const LINGER_MS = 1_000;

/** Once a DISCONNECT was sent, the stream's end is gentle: it writes no more, and reads on. */
export function letLastWordsArrive(client: AedesClient, stream: Duplex): void {
  const destroy = stream.destroy.bind(stream);
  let isEnding = false;
  stream.destroy = (error?: Error) => {
    const wasTold = (client.disconnectReasonCode ?? null) !== null;
    if (error || isEnding || !wasTold || stream.destroyed) return destroy(error);
    isEnding = true;
    const timer = setTimeout(destroy, LINGER_MS);
    timer.unref();
    stream.once("close", () => clearTimeout(timer));
    stream.end();
    return stream.resume();
  };
}
