// The end of a stream whose other side is gone. Used by the in-process pipe and by WebSockets.

import type { Duplex } from "node:stream";

/**
 * Nothing more will come: the stream is destroyed as soon as what has come already is read. A
 * peer's last words are often the reason of its going, a DISCONNECT.
 */
export function endReading(stream: Duplex): void {
  if (stream.readableEnded) return void stream.destroy();
  stream.once("end", () => stream.destroy());
  stream.push(null);
}
