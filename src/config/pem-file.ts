// The PEM files of TLS towards a broker: read once, at the start, and tried out there. Otherwise
// what is no certificate would be told at each connection, as a failure of the broker.

import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { toReason, ViadutoError } from "../lib/errors.ts";

type PemPart = "ca" | "cert" | "key";
/** Part → a file's name, or its text. */
type PemParts = { readonly [Part in PemPart]?: string | undefined };

/** What stands in the first line of a part; TLS itself takes an empty text for none. */
const MARKS = {
  ca: "CERTIFICATE-----",
  cert: "CERTIFICATE-----",
  key: "PRIVATE KEY-----",
} as const satisfies Record<PemPart, string>;

/**
 * The texts of the files that are named. Throws `file_unreadable` for one that is not there, that
 * is not PEM, and for a key that is not the certificate's.
 */
export function readPemFiles(files: PemParts): { [Part in PemPart]?: string } {
  const texts: { [Part in PemPart]?: string } = {};
  for (const part of ["ca", "cert", "key"] as const) {
    const file = files[part];
    if (file === undefined) continue;
    try {
      texts[part] = readFileSync(file, "utf8");
      checkPem(part, texts);
    } catch (cause) {
      throw new ViadutoError("file_unreadable", { file, reason: toReason(cause) }, { cause });
    }
  }
  return texts;
}

function checkPem(part: PemPart, texts: PemParts): void {
  const mark = MARKS[part];
  if (!texts[part]?.includes(mark)) throw new Error(`it has no -----BEGIN … ${mark}`);
  const { cert } = texts;
  createSecureContext({
    [part]: texts[part],
    // A key is tried out with the certificate that it must belong to.
    ...(part === "key" && cert !== undefined && { cert }),
  });
}
