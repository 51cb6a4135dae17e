// A stream as server-sent events (HTML, section 9.2): first how things stand, then what was missed
// since the last event that the client had, then what comes. Called by streams-route.ts.
//
// Bun asks for the next part of a stream only when the socket has taken the last one, as long as
// the stream has no buffer of its own and is not of `type: "direct"`, which writes on whatever the
// socket takes (both seen with a socket that stops reading, Bun 1.4.5). So a client that does not
// read is a reader that does not ask, and its queue is bounded.

import { HEARTBEAT, toItemEvent, toStateEvent } from "./event-data.ts";
import type { Stream } from "./stream.ts";
import { STREAMED } from "./streamed.ts";

/** What stands before the live messages, in parts. */
export type Past = AsyncGenerator<Uint8Array, void>;

export const EVENT_HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store",
  // Else nginx would collect what is sent.
  "X-Accel-Buffering": "no",
  ...STREAMED,
} as const;
/** After which EventSource connects again; with many readers three seconds, the usual, are long. */
const RETRY = Buffer.from("retry: 2000\n\n");

/** The answer that lasts until the client goes, or the stream is disposed. */
export function toEventStream(request: Request, stream: Stream, past: Past): Response {
  const parts = readParts(stream, past);
  const end = () => stream[Symbol.dispose]();
  request.signal.addEventListener("abort", end, { once: true });
  if (request.signal.aborted) end();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await parts.next();
          if (!done) return controller.enqueue(value);
          end();
          controller.close();
        } catch (error) {
          end();
          throw error;
        }
      },
      // The client has gone. What `pull` waits for ends with the reader.
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: EVENT_HEADERS });
}

async function* readParts({ reader, state }: Stream, past: Past): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([RETRY, toStateEvent(state)]);
  yield* past;
  for await (const items of reader) {
    // Nothing came: a sign of life.
    yield items.length === 0 ? HEARTBEAT : Buffer.concat(items.map(toItemEvent));
  }
}
