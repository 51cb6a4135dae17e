// Reads a connection in aedes' place, so that packets are handled in turn: never one in the middle
// of another, and no exception of a packet's handling gets out. Called by connection-guard.ts.

import type { Client } from "aedes";
import type { PacketFrames } from "../lib/packet-frames.ts";

/** What aedes has for reading, and does not put into its types. */
export type ReadClient = Client & {
  /** How many packets it is handling. */
  _parsingBatch: number;
  _paused?: boolean;
  /** Called when a packet is handled. */
  _nextBatch: (error?: Error | null) => void;
  resume: () => void;
};

/** No more is read while aedes has so many packets of a connection in hand. */
const PACKETS_IN_HAND_MAX = 100;

/**
 * Reads for aedes. `take` handles one whole packet of what was read, if there is one. aedes reads
 * one chunk for each `readable`, also in the middle of another's handling: on Bun (and Node 26) the
 * rest of a packet would wait until the client sends something else, or be parsed too soon.
 */
export function readInTurn(
  client: ReadClient,
  frames: PacketFrames,
  take: () => boolean,
  mayRead: () => boolean,
): void {
  const { conn } = client;
  let isReading = false;

  const read = () => {
    if (isReading) return; // The loop below goes on with what there is now.
    isReading = true;
    try {
      while (take() || readChunk()) {}
    } catch (cause) {
      // Whatever a packet made its handler throw ends this connection and no other.
      client.emit("error", new Error("the packet could not be handled", { cause }));
    } finally {
      isReading = false;
    }
  };
  const readChunk = (): boolean => {
    if (!mayRead() || client._parsingBatch >= PACKETS_IN_HAND_MAX) return false;
    const chunk = conn.read() as Buffer | null;
    if (chunk) frames.push(chunk);
    return chunk !== null;
  };
  conn.on("readable", read);
  conn.off("readable", client._nextBatch);
  client._parsingBatch = 0;
  client._nextBatch = (error) => {
    if (error) return void client.emit("error", error);
    client._parsingBatch = Math.max(0, client._parsingBatch - 1);
    read();
  };
  // Called, too, when CONNACK was sent.
  client.resume = () => {
    client._paused = false;
    read();
  };
}
