// Whether the options of the embedded broker's TLS belong together. Asked once, when settings are
// read; the files themselves are read by pem-file.ts, when the broker opens.

import { ViadutoError } from "../lib/errors.ts";
import type { OptionKey } from "./schema.ts";
import type { GivenValues } from "./source.ts";

/** Each is of no use without the other. */
const NEEDS = [
  ["tlsCert", "tlsKey"],
  ["tlsKey", "tlsCert"],
  ["tlsCa", "tlsCert"],
  ["tlsPort", "tlsCert"],
  ["wssPort", "tlsCert"],
] as const satisfies readonly (readonly [OptionKey, OptionKey])[];

/** Throws `tls_incomplete` for an option that was given without the one that it needs. */
export function checkTls(given: GivenValues): void {
  for (const [key, needed] of NEEDS) {
    const found = given.get(key);
    if (!found || found.text.trim().toLowerCase() === "off" || given.has(needed)) continue;
    const missing = MISSING[needed];
    throw new ViadutoError("tls_incomplete", { given: found.source.name, ...missing });
  }
}

const MISSING = {
  tlsCert: { missing: "--tls-cert", variable: "BROKER_TLS_CERT" },
  tlsKey: { missing: "--tls-key", variable: "BROKER_TLS_KEY" },
} as const;
