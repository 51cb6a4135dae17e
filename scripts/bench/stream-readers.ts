// A process of the benchmark for streams: many readers of server-sent events over plain sockets,
// with as little work for each message as can be. Started by bench-streams.ts, which asks for the
// counts so far; a reader out of ten looks at how late its messages are.

import { connect, type Socket } from "node:net";
import { Latencies } from "./latencies.ts";

export type ReaderReport = {
  readonly messages: readonly number[];
  readonly missed: number;
  readonly away: number;
  readonly connected: number;
  readonly p50: number;
  readonly p99: number;
  /** Readers whose connection has ended. */
  readonly ended: number;
};

const EVENTS = { message: "\nevent: message", missed: "\nevent: missed" } as const;
const STATES = { away: '{"state":"away"', connected: '{"state":"connected"' } as const;
const SENT = /sent\\":(\d+\.\d+)/g;
const TIMED_ONE_OF = 10;

/** So many readers of the filter; resolves when the first bytes of each have come. */
async function openReaders(port: number, count: number, filter: string) {
  const messages = new Array<number>(count).fill(0);
  const seen = { missed: 0, away: 0, connected: 0, ended: 0 };
  const latencies = new Latencies();
  const opened = Array.from({ length: count }, (_, at) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket: Socket = connect(port, "127.0.0.1", () => {
      socket.write(`GET /stream?filter=${filter} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    });
    socket.on("data", (bytes: Buffer) => {
      resolve();
      messages[at] = (messages[at] ?? 0) + countOf(bytes, EVENTS.message);
      seen.missed += countOf(bytes, EVENTS.missed);
      seen.away += countOf(bytes, STATES.away);
      seen.connected += countOf(bytes, STATES.connected);
      if (at % TIMED_ONE_OF > 0) return;
      const nowMs = performance.timeOrigin + performance.now();
      for (const [, sent] of bytes.toString("latin1").matchAll(SENT)) {
        latencies.add(nowMs - Number(sent));
      }
    });
    socket.on("error", () => {}); // Told as its end.
    socket.on("close", () => {
      seen.ended += 1;
    });
    return promise;
  });
  await Promise.all(opened);
  return (): ReaderReport => {
    const report = {
      messages: [...messages],
      ...seen,
      p50: latencies.percentile(0.5),
      p99: latencies.percentile(0.99),
    };
    messages.fill(0);
    latencies.reset();
    return report;
  };
}

function countOf(bytes: Buffer, text: string): number {
  let count = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + text.length)) {
    count += 1;
  }
  return count;
}

if (import.meta.main) {
  const [port, count, filter = "%23"] = process.argv.slice(2);
  const report = await openReaders(Number(port), Number(count), filter);
  process.on("message", () => process.send?.(report()));
  process.send?.(report());
}
