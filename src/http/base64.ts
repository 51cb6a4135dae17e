// Base64 in a body (RFC 4648 section 4), checked: Buffer takes anything, and drops what it does not
// know. Pure.

import { ViadutoError } from "../lib/errors.ts";

/** The bytes. Throws `body_invalid`, which names the place in the body. */
export function parseBase64(text: unknown, place: string): Buffer {
  const isBase64 = typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  if (!isBase64 || text.replace(/=+$/, "").length % 4 === 1) {
    const path = `/${place}`;
    const reason = `${path}: expected base64, as ${place}_encoding says`;
    throw new ViadutoError("body_invalid", { path, reason });
  }
  return Buffer.from(text, "base64");
}
