// Requests that are safe to send again: with an Idempotency-Key (draft-ietf-httpapi-idempotency-
// key-header) the work is done once, and later requests get its answer. Used by the routes that
// publish; it does not know what they do.

import { createHash } from "node:crypto";
import { ViadutoError } from "../lib/errors.ts";
import type { Idempotency, StoredAnswer } from "../store/idempotency.ts";
import { callerOf } from "./caller.ts";

export type Answer = StoredAnswer & { readonly isReplayed?: true };
export type JsonAnswer = { readonly status: number; readonly value: unknown };

/** What the answer says when the work was done before. */
export const REPLAYED = { "Idempotency-Replayed": "true" } as const;

/** A structured string (RFC 8941 section 3.3.3), or what people write: the same without quotes. */
const KEY = /^(?:"((?:[ !#-[\]-~]|\\["\\]){1,255})"|([!#-[\]-~]{1,255}))$/;

/**
 * What `work` answers, or has answered to an earlier request with the same key, path and content.
 * `earlier` is what was kept of an attempt that failed. Throws `idempotency_key_invalid`,
 * `idempotency_key_reused`, `idempotency_under_way`, `store_failed`, and what `work` throws: that
 * is not kept, and neither is a failure of ours (5xx) taken for the answer.
 */
export async function answerOnce(
  store: Idempotency,
  request: Request,
  content: string | Uint8Array,
  work: (earlier?: StoredAnswer) => Promise<StoredAnswer>,
): Promise<Answer> {
  const key = readKey(request);
  if (key === undefined) return work();
  const caller = callerOf(request).name ?? "";
  const begun = store.begin({ caller, key }, toFingerprint(request, content));
  if (!("finish" in begun)) return { ...begun, isReplayed: true };
  using attempt = begun;
  const answer = await work(attempt.earlier);
  attempt.finish(answer);
  return answer;
}

/** `answerOnce` for work that gives JSON. */
export function answerJsonOnce<A extends JsonAnswer>(
  store: Idempotency,
  request: Request,
  content: unknown,
  work: (earlier?: A) => Promise<A>,
): Promise<A & { readonly isReplayed?: true }> {
  // Most requests have no key: nothing is made for them.
  if (!request.headers.has("Idempotency-Key")) return work();
  return answerKeyed(store, request, JSON.stringify(content), work);
}

async function answerKeyed<A extends JsonAnswer>(
  store: Idempotency,
  request: Request,
  text: string,
  work: (earlier?: A) => Promise<A>,
): Promise<A & { readonly isReplayed?: true }> {
  const answer = await answerOnce(store, request, text, async (earlier) => {
    const { status, value } = await work(earlier && fromStored<A>(earlier));
    return { status, headers: {}, body: Buffer.from(JSON.stringify(value)) };
  });
  return { ...fromStored<A>(answer), ...(answer.isReplayed && { isReplayed: true }) };
}

// It was made by the same route, as the fingerprint says.
function fromStored<A extends JsonAnswer>({ status, body }: StoredAnswer): A {
  return { status, value: JSON.parse(body.toString()) } as A;
}

function readKey({ headers }: Request): string | undefined {
  const given = headers.get("Idempotency-Key");
  if (given === null) return undefined;
  const [, quoted, bare] = KEY.exec(given.trim()) ?? [];
  const key = quoted?.replaceAll(/\\(.)/g, "$1") ?? bare;
  if (key !== undefined) return key;
  const reason = "expected 1 to 255 printable ASCII characters";
  throw new ViadutoError("idempotency_key_invalid", { reason });
}

function toFingerprint({ method, url, headers }: Request, content: string | Uint8Array): string {
  const { pathname, search } = new URL(url);
  const hash = createHash("sha256");
  const type = headers.get("Content-Type") ?? "";
  hash.update(JSON.stringify([method, pathname, search, type, headers.get("Prefer") ?? ""]));
  return hash.update(content).digest("base64");
}
