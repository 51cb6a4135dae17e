// A request's body, whole and within limits: what says that it is larger is refused before it is
// read, what does not say (chunked) as soon as it is, and what trickles when its time is over.
// Called by guard.ts; knows no route.

import { CoarseDeadlines } from "../lib/coarse-deadlines.ts";
import { ViadutoError } from "../lib/errors.ts";
import { parseExactJson } from "./exact-json.ts";
import { visitOf } from "./visit.ts";

/**
 * The body of a request; undefined where there is none: no route reads that of a GET. Rejects with
 * `payload_too_large`, `body_late`, and what the connection says when the body does not come.
 */
export type ReadBody = (request: Request, bytesMax: number) => Promise<Buffer> | undefined;

const BYTE_ORDER_MARK = 0xfeff;

/** The time is from here to the last byte. Bun's own limit begins anew with each one. */
export function createBodyReader(timeoutMs: number): ReadBody {
  const deadlines = new CoarseDeadlines();
  return (request, bytesMax) => {
    const { method, headers } = request;
    if (method === "GET" || method === "HEAD") return undefined;
    const declared = headers.get("Content-Length");
    // Neither says that there is one [RFC 9112 section 6.3]. To ask `request.body` would make a
    // stream, which takes longer than all else that is done with a small request.
    if (declared === null && !headers.has("Transfer-Encoding") && !request.body) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const deadline = deadlines.set(timeoutMs, () => {
      reject(new ViadutoError("body_late", { timeoutMs }));
    });
    const whole =
      declared === null
        ? // Before the body is there it can only reject.
          collect(request.body, bytesMax, promise as Promise<never>)
        : readDeclared(request, Number(declared), bytesMax);
    whole.then(
      (body) => {
        deadline.clear();
        resolve(body);
      },
      (error) => {
        deadline.clear();
        reject(error);
      },
    );
    return promise;
  };
}

async function readDeclared(request: Request, declared: number, bytesMax: number): Promise<Buffer> {
  checkLength(declared, bytesMax);
  const body = Buffer.from(await request.arrayBuffer());
  checkLength(body.length, bytesMax); // One that was made by hand may say what it wants.
  return body;
}

// In place of Request's own, which would say that the body was read.
const WHOLE = Object.setPrototypeOf(
  {
    async text(this: Request) {
      return decode(this);
    },
    async json(this: Request): Promise<unknown> {
      return parseExactJson(decode(this));
    },
    async bytes(this: Request) {
      return bodyOf(this);
    },
    async arrayBuffer(this: Request) {
      const { buffer, byteOffset, length } = bodyOf(this);
      return buffer.slice(byteOffset, byteOffset + length);
    },
  },
  Request.prototype,
);

/**
 * Lets the routes read the body of the request's visit as if nobody had. The same request, not a
 * copy: a copy takes as long as a publish.
 */
export function showBody(request: Request): void {
  Object.setPrototypeOf(request, WHOLE);
}

function bodyOf(request: Request): Buffer {
  return visitOf(request)?.body ?? Buffer.alloc(0);
}

// As a Request does it: UTF-8, without a byte order mark (encoding.spec.whatwg.org, UTF-8 decode).
function decode(request: Request): string {
  const text = bodyOf(request).toString();
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
