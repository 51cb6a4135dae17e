// Whether a request is for a name of this bridge. A page of another site can point a name of its
// own at 127.0.0.1 (DNS rebinding): the browser then takes us for that site, and lets it read what
// we answer. Called by guard.ts.

import { isIP } from "node:net";
import { ViadutoError } from "../lib/errors.ts";

/** A name, an IPv4 address or an IPv6 address, and a port (RFC 9110 section 7.2). */
const HOST = /^(?:([A-Za-z0-9_.-]+)|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?$/;
const PORT_MAX = 65_535;
const HOST_SHOWN_MAX = 100;

/**
 * Throws `host_refused`. `names` are those that are known beside localhost and addresses, undefined
 * for any; one that is not well-formed is always refused.
 */
export function checkHost({ headers }: Request, names: readonly string[] | undefined): void {
  const host = headers.get("host");
  if (host === null) return; // HTTP/1.0: every browser sends one.
  const [, name, address, port = "0"] = HOST.exec(host) ?? [];
  const isPort = Number(port) <= PORT_MAX;
  if (isPort && address !== undefined && isIP(address) === 6) return;
  if (isPort && name !== undefined && (!names || isKnown(name.toLowerCase(), names))) return;
  throw new ViadutoError("host_refused", { host: host.slice(0, HOST_SHOWN_MAX) });
}

function isKnown(written: string, names: readonly string[]): boolean {
  const name = written.replace(/\.$/, ""); // The dot of the root is no part of the name.
  if (name === "localhost" || name.endsWith(".localhost") || isIP(name) === 4) return true;
  return names.includes(name);
}
