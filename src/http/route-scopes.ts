// The scope that a token needs at least, by method and path alone. The guard asks before anything
// is read, so that a route which forgets to ask is shut all the same; the routes themselves ask
// again, with their topics.

import type { Scope } from "../access/token-rights.ts";

/** For whoever supervises the bridge, and has no token. */
const OPEN_PATHS: readonly string[] = ["/health", "/ready"];
/** The files of the explorer, which asks for the token itself. There is no data in them. */
const PAGE_FILES = "/explorer/";

/** Whether the path is for everyone, with a token or without. */
export function isOpen(pathname: string): boolean {
  return OPEN_PATHS.includes(pathname) || pathname.startsWith(PAGE_FILES);
}

/** Undefined for what is open. */
export function findScope(method: string, pathname: string): Scope | undefined {
  if (isOpen(pathname)) return undefined;
  const [, first] = pathname.split("/");
  if (first === "clients") return "admin";
  const isReading = method === "GET" || method === "HEAD";
  if (first === "dead-letters" || first === "retained") return isReading ? "read" : "admin";
  // Who has called gets the answer, also when it is fetched later.
  if (first === "rpc") return "publish";
  return isReading ? "read" : "publish";
}
