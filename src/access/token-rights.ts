// What one HTTP token may do to which topics. Pure: it knows no file and no request.

import { covers, overlaps } from "../topics/filter-relations.ts";

export const SCOPES = ["read", "publish", "admin"] as const;
/** To look at messages; to send them; to change what the bridge has and who is connected. */
export type Scope = (typeof SCOPES)[number];

/** `filter` is absent where the scope holds for every topic, also for those of `$SYS`. */
export type Grant = { readonly scope: Scope; readonly filter?: string };

export type Rights = {
  readonly grants: readonly Grant[];
  /** Filters whose topics may be neither read nor published, whatever is granted. */
  readonly denials: readonly string[];
};

export type Verdict = "allowed" | "scope_missing" | "topic_forbidden";

/** For a token without limits, as that of `--http-token`. */
export const ALL_RIGHTS: Rights = { grants: SCOPES.map((scope) => ({ scope })), denials: [] };

/**
 * Whether the scope is there for all that the filter, or topic, matches. One grant must cover it as
 * a whole, and a denial that it only touches refuses it: a stream has no holes that nobody sees.
 * Without a topic any grant of the scope will do.
 */
export function judge({ grants, denials }: Rights, scope: Scope, target?: string): Verdict {
  const own = grants.filter((grant) => grant.scope === scope);
  if (own.length === 0) return "scope_missing";
  if (target === undefined) return "allowed";
  if (denials.some((filter) => isAlike(filter, target) && overlaps(filter, target))) {
    return "topic_forbidden";
  }
  const isGranted = own.some(({ filter }) => {
    return filter === undefined || (isAlike(filter, target) && covers(filter, target));
  });
  return isGranted ? "allowed" : "topic_forbidden";
}

// [MQTT-4.7.2-1] a filter that begins with a wildcard matches no topic that begins with `$`.
function isAlike(filter: string, target: string): boolean {
  return filter.startsWith("$") === target.startsWith("$");
}
