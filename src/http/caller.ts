// Who sends a request, and what that one may do. The guard names the caller of each request that it
// lets through; the routes ask.

import { ALL_RIGHTS, judge, type Rights, type Scope } from "../access/token-rights.ts";
import { ViadutoError } from "../lib/errors.ts";
import { visitOf } from "./visit.ts";

export type { Scope };

export type Caller = {
  /** That of the token; undefined for whoever needs none. */
  readonly name: string | undefined;
  /**
   * Throws `scope_missing` or `topic_forbidden` unless the caller may do this, with this topic or
   * filter where there is one.
   */
  readonly check: (scope: Scope, topicOrFilter?: string) => void;
  /** The same as an answer: for lists, which show only what the caller may see. */
  readonly may: (scope: Scope, topicOrFilter?: string) => boolean;
};

/** Everyone, where no token is asked for. */
export const ANYONE: Caller = createCaller(undefined, ALL_RIGHTS);

export function createCaller(name: string | undefined, rights: Rights): Caller {
  return {
    name,
    check(scope, topicOrFilter) {
      const verdict = judge(rights, scope, topicOrFilter);
      if (verdict === "scope_missing") {
        throw new ViadutoError("scope_missing", { name: name ?? "", scope });
      }
      if (verdict === "topic_forbidden") {
        const topic = topicOrFilter ?? "";
        throw new ViadutoError("topic_forbidden", { name: name ?? "", scope, topic });
      }
    },
    may: (scope, topicOrFilter) => judge(rights, scope, topicOrFilter) === "allowed",
  };
}

export function callerOf(request: Request): Caller {
  return visitOf(request)?.caller ?? ANYONE;
}
