// A request's body, within a limit: what says that it is larger is refused before it is read, what
// does not say (chunked) as soon as it is.

import { ViadutoError } from "../lib/errors.ts";

/** The request, with a body of at most `bytesMax` bytes. Throws `payload_too_large`. */
export async function boundBody(request: Request, bytesMax: number): Promise<Request> {
  if (!request.body) return request;
  const declared = request.headers.get("Content-Length");
  if (declared !== null) {
    if (Number(declared) > bytesMax) refuse(Number(declared), bytesMax);
    return request;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.length;
    if (bytes > bytesMax) refuse(bytes, bytesMax);
    chunks.push(chunk);
  }
  const { method, headers, url } = request;
  return new Request(url, { method, headers, body: Buffer.concat(chunks) });
}

function refuse(bytes: number, bytesMax: number): never {
  throw new ViadutoError("payload_too_large", { bytes, bytesMax });
}
