// A request's body, whole and within limits: what says that it is larger is refused before it is
// read, what does not say (chunked) as soon as it is, and what trickles when its time is over.
// Called by guard.ts; knows no route.

import { ViadutoError } from "../lib/errors.ts";

export type BodyLimits = {
  readonly bytesMax: number;
  /** From here to the last byte. Bun's own limit begins anew with each one. */
  readonly timeoutMs: number;
};
const BYTE_ORDER_MARK = 0xfeff;

/**
 * The request with its body read; no route reads that of a GET. Throws `payload_too_large`,
 * `body_late`, and what the connection says when the body does not come.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Request> {
  const { method, headers } = request;
  if (method === "GET" || method === "HEAD") return request;
  const declared = headers.get("Content-Length");
  // Neither says that there is one [RFC 9112 section 6.3]. To ask `request.body` would make a
  // stream, which takes longer than all else that is done with a small request.
  if (declared === null && !headers.has("Transfer-Encoding") && !request.body) return request;
  using deadline = createDeadline(limits.timeoutMs);
  if (declared === null) {
    return withBody(request, await collect(request.body, limits.bytesMax, deadline.late));
  }
  checkLength(Number(declared), limits.bytesMax);
  const body = Buffer.from(await Promise.race([request.arrayBuffer(), deadline.late]));
  checkLength(body.length, limits.bytesMax); // One that was made by hand may say what it wants.
  return withBody(request, body);
}

/** `late` rejects with `body_late`, unless it is disposed before. */
function createDeadline(timeoutMs: number): Disposable & { readonly late: Promise<never> } {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {}); // It is raced for; after the body it concerns nobody.
  const timer = setTimeout(() => {
    late.reject(new ViadutoError("body_late", { timeoutMs }));
  }, timeoutMs);
  return { late: late.promise, [Symbol.dispose]: () => clearTimeout(timer) };
}

const bodies = new WeakMap<Request, Buffer>();

// In place of its own, which would say that the body was read. Shared by all requests.
const METHODS = {
  async text(this: Request) {
    return decode(this);
  },
  async json(this: Request): Promise<unknown> {
    return JSON.parse(decode(this));
  },
  async bytes(this: Request) {
    return bodies.get(this) ?? Buffer.alloc(0);
  },
  async arrayBuffer(this: Request) {
    const { buffer, byteOffset, length } = bodies.get(this) ?? Buffer.alloc(0);
    return buffer.slice(byteOffset, byteOffset + length);
  },
};

// The same request, not a copy: a copy takes as long as a publish.
function withBody(request: Request, body: Buffer): Request {
  bodies.set(request, body);
  return Object.assign(request, METHODS);
}

// As a Request does it: UTF-8, without a byte order mark (encoding.spec.whatwg.org, UTF-8 decode).
function decode(request: Request): string {
  const text = bodies.get(request)?.toString() ?? "";
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

// By hand: where Elysia's `mount` has copied the request, Bun never ends a `for await` that is left
// early. Remove when it does.
async function collect(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
  late: Promise<never>,
): Promise<Buffer> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done = true, value } = (await Promise.race([reader?.read(), late])) ?? {};
      if (done || !value) return Buffer.concat(chunks);
      bytes += value.length;
      checkLength(bytes, bytesMax);
      chunks.push(value);
    }
  } catch (error) {
    reader?.cancel().catch(() => {}); // The answer does not wait for it.
    throw error;
  }
}

function checkLength(bytes: number, bytesMax: number): void {
  if (bytes > bytesMax) throw new ViadutoError("payload_too_large", { bytes, bytesMax });
}
