// How the link stands with its broker, for whoever asks: GET /broker. Read from what the parts of
// the link know anyway; nothing is kept here.

import type { ServerLimits } from "./server-limits.ts";
import type { LinkState } from "./state.ts";
import type { LinkFailure } from "./status.ts";

export type LinkFacts = {
  readonly state: LinkState;
  /** When the kind of the state became what it is, in ms since 1970. */
  readonly sinceMs: number;
  /** Stays when there is a connection again: it tells of the last one's end. */
  readonly lastFailure: LinkFailure | undefined;
  /** Connections that were opened. */
  readonly connections: number;
  /** What the broker said that it can take; undefined while there is no connection. */
  readonly limits: ServerLimits | undefined;
  /** Filters that the broker has granted, with group and origin. */
  readonly filters: readonly string[];
};

type StatusSource = Pick<LinkFacts, "sinceMs" | "lastFailure" | "connections"> & {
  readonly now: LinkState;
};

export function readFacts(
  { now, sinceMs, lastFailure, connections }: StatusSource,
  { granted }: { readonly granted: readonly string[] },
  { current }: { readonly current: { readonly limits: ServerLimits } | undefined },
): LinkFacts {
  const { limits } = current ?? {};
  return { state: now, sinceMs, lastFailure, connections, limits, filters: granted };
}
