// The load of the HTTP benchmark: so many connections, each of which sends its next request when it
// has the answer to the last. Raw sockets, and no more of HTTP than Content-Length, so that the
// generator is not what is measured.

import { Latencies } from "./latencies.ts";

export type HttpLoad = {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** The whole request, the same each time. */
  readonly request: Buffer;
};

export type HttpFigures = {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

type Client = { pending: Buffer; sentAtMs: number };

const HEAD_END = Buffer.from("\r\n\r\n");
/** A status of 2xx, where it stands in an answer. */
const STATUS_AT = "HTTP/1.1 ".length;
const DIGIT_2 = 0x32;
const ANSWER_TIMEOUT_MS = 20_000;

/** Throws when an answer is not 2xx, and when a connection ends. */
export async function loadHttp(load: HttpLoad): Promise<HttpFigures> {
  const latencies = new Latencies();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + load.seconds * 1_000;
  const done: Promise<void>[] = [];
  const timer = setTimeout(
    () => failed.reject(new Error("some requests were not answered")),
    load.seconds * 1_000 + ANSWER_TIMEOUT_MS,
  );
  for (let at = 0; at < load.connections; at++) {
    const over = Promise.withResolvers<void>();
    done.push(over.promise);
    await openClient(load, latencies, endsAtMs, over.resolve, failed.reject);
  }
  await Promise.race([Promise.all(done), failed.promise]).finally(() => clearTimeout(timer));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  return {
    requestsPerSecond: latencies.total / seconds,
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
  };
}

async function openClient(
  { port, request }: HttpLoad,
  latencies: Latencies,
  endsAtMs: number,
  end: () => void,
  fail: (error: Error) => void,
): Promise<void> {
  const client: Client = { pending: Buffer.alloc(0), sentAtMs: performance.now() };
  let isOver = false;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data(socket, chunk) {
        const answer = client.pending.length > 0 ? Buffer.concat([client.pending, chunk]) : chunk;
        const length = findLength(answer);
        if (length === undefined || answer.length < length) {
          client.pending = Buffer.from(answer);
          return;
        }
        if (answer[STATUS_AT] !== DIGIT_2) return fail(new Error(answer.toString("utf8", 0, 300)));
        client.pending = Buffer.alloc(0);
        const nowMs = performance.now();
        latencies.add(nowMs - client.sentAtMs);
        if (nowMs >= endsAtMs) {
          isOver = true;
          socket.end();
          return end();
        }
        client.sentAtMs = nowMs;
        socket.write(request);
      },
      close() {
        if (!isOver) fail(new Error("a connection was closed"));
      },
    },
  });
  socket.setNoDelay(true);
  client.sentAtMs = performance.now();
  socket.write(request);
}

/** Of the whole answer; undefined as long as its head is not there. */
function findLength(answer: Buffer): number | undefined {
  const headEnd = answer.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = answer.toString("latin1", 0, headEnd);
  const match = /content-length: *(\d+)/i.exec(head);
  if (!match) throw new Error(`an answer says no length: ${head}`);
  return headEnd + HEAD_END.length + Number(match[1]);
}
