// A request's body, whole and within limits: what says that it is larger is refused before it is
// read, what does not say (chunked) as soon as it is, and what trickles when its time is over.
// Called by guard.ts; knows no route.

import type { ReadableStreamDefaultReader } from "node:stream/web";
import { ViadutoError } from "../lib/errors.ts";

const EMPTY = Buffer.alloc(0);

export type BodyLimits = {
  readonly bytesMax: number;
  /** From the first byte to the last. Bun's own limit begins anew with each one. */
  readonly timeoutMs: number;
};

/**
 * The request with its body read; no route reads that of a GET. Throws `payload_too_large`,
 * `body_late`, and what the connection says when the body does not come.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Request> {
  const { method, headers, url, signal } = request;
  if (!request.body || method === "GET" || method === "HEAD") return request;
  const length = headers.get("Content-Length");
  const declaredBytes = length === null ? undefined : Number(length);
  if (declaredBytes !== undefined) checkLength(declaredBytes, limits.bytesMax);
  const body = await collect(request.body, limits, declaredBytes);
  return new Request(url, { method, headers, signal, body });
}

// By hand: where Elysia's `mount` has copied the request, Bun never ends a `for await` that is left
// early. Remove when it does.
async function collect(
  body: ReadableStream<Uint8Array>,
  limits: BodyLimits,
  declaredBytes: number | undefined,
): Promise<Buffer> {
  const reader = body.getReader();
  try {
    // Nearly every body is here at once, whole. For the first bytes Bun's own limit holds.
    const { done, value } = await reader.read();
    if (done) return EMPTY;
    checkLength(value.length, limits.bytesMax);
    if (value.length === declaredBytes) return Buffer.from(value);
    return await collectRest(reader, value, limits);
  } catch (error) {
    reader.cancel().catch(() => {}); // The answer does not wait for it.
    throw error;
  }
}

async function collectRest(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  first: Uint8Array,
  { bytesMax, timeoutMs }: BodyLimits,
): Promise<Buffer> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {}); // It is raced for; after the body it concerns nobody.
  const timer = setTimeout(() => {
    late.reject(new ViadutoError("body_late", { timeoutMs }));
  }, timeoutMs);
  const chunks = [first];
  let bytes = first.length;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) return Buffer.concat(chunks);
      bytes += value.length;
      checkLength(bytes, bytesMax);
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
}

function checkLength(bytes: number, bytesMax: number): void {
  if (bytes > bytesMax) throw new ViadutoError("payload_too_large", { bytes, bytesMax });
}
