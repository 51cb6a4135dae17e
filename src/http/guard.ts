// What stands before the routes wherever they are served, by server.ts or in somebody's own app: no
// page of another site changes anything, nobody comes in without the token, and no body is larger
// than a payload needs. Knows no route.

import { toViadutoError, ViadutoError } from "../lib/errors.ts";
import { isFromForeignPage } from "../lib/foreign-page.ts";
import { readBody } from "./bounded-body.ts";
import { toProblemResponse } from "./problem.ts";
import type { CheckToken } from "./token-check.ts";

export type GuardOptions = {
  /** Nobody but this machine reaches the server. */
  readonly listensOnLoopback: boolean;
  /** Largest payload that may be published, in bytes. */
  readonly payloadBytesMax: number;
  /** Undefined asks nobody for a token. */
  readonly checkToken: CheckToken | undefined;
};

/** base64 and JSON escapes make a payload larger, six times at most (`\u0000`). */
const BODY_BYTES_PER_PAYLOAD_BYTE = 6;
/** Room in a body for what stands beside the payload. */
const BODY_EXTRA_BYTES = 65_536;

/**
 * What `handle` answers to the request, which it is given with its body read. Answers
 * `origin_refused`, `token_missing`, `token_wrong`, `payload_too_large`, and what `handle` throws.
 */
export async function handleGuarded(
  request: Request,
  { listensOnLoopback, payloadBytesMax, checkToken }: GuardOptions,
  handle: (request: Request) => Promise<Response>,
): Promise<Response> {
  try {
    if (!isReading(request) && isFromForeignPage(request, listensOnLoopback)) {
      throw new ViadutoError("origin_refused");
    }
    const answer = checkToken?.(request);
    if (answer) return answer;
    const bodyBytesMax = payloadBytesMax * BODY_BYTES_PER_PAYLOAD_BYTE + BODY_EXTRA_BYTES;
    return await handle(await readBody(request, bodyBytesMax));
  } catch (error) {
    return toProblemResponse(toViadutoError(error), request);
  }
}

// A WebSocket begins as a GET, and then does whatever its page wants.
function isReading({ method, headers }: Request): boolean {
  return (method === "GET" || method === "HEAD") && !headers.has("upgrade");
}
