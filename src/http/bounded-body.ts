// A request's body, whole and within a limit: what says that it is larger is refused before it is
// read, what does not say (chunked) as soon as it is. Called by guard.ts; knows no route.

import { ViadutoError } from "../lib/errors.ts";

/**
 * The request with its body read, of at most `bytesMax` bytes; no route reads that of a GET. Throws
 * `payload_too_large`, and what the connection says when the body does not come.
 */
export async function readBody(request: Request, bytesMax: number): Promise<Request> {
  const { method, headers, url, signal } = request;
  if (!request.body || method === "GET" || method === "HEAD") return request;
  const declared = headers.get("Content-Length");
  if (declared !== null) checkLength(Number(declared), bytesMax);
  const body = await collect(request.body, bytesMax);
  return new Request(url, { method, headers, signal, body });
}

// By hand: where Elysia's `mount` has copied the request, Bun never ends a `for await` that is left
// early. Remove when it does.
async function collect(body: ReadableStream<Uint8Array>, bytesMax: number): Promise<Buffer> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    bytes += value.length;
    if (bytes > bytesMax) reader.cancel().catch(() => {}); // The answer does not wait for it.
    checkLength(bytes, bytesMax);
    chunks.push(value);
  }
}

function checkLength(bytes: number, bytesMax: number): void {
  if (bytes > bytesMax) throw new ViadutoError("payload_too_large", { bytes, bytesMax });
}
