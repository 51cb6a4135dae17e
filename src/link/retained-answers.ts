// Which handlers a retained message is meant for. The broker sends it as the answer to a SUBSCRIBE,
// and does not say to which one, nor when it has sent the last. Used by subscriptions.ts, which
// tells what it asks for, and by the inbox, which asks. No I/O, no clock of its own.

import { FilterTree } from "../topics/filter-tree.ts";

/** What a delivery tells of a retained message. */
export type RetainedFacts = {
  /** Handlers set in this generation or later want it; those from before have had it. */
  readonly retainedSince: number;
  /** The broker did not know the subscription before. */
  readonly isNewSubscription: boolean;
};

/** For nobody: the broker sends again what all have had, which MQTT 3.1.1 can not prevent. */
export const NOBODY = Number.POSITIVE_INFINITY;
/** A message that no SUBSCRIBE of this process explains was queued for the session before it. */
const UNEXPLAINED: RetainedFacts = { retainedSince: 0, isNewSubscription: true };
/** How long the broker may be silent before an older SUBSCRIBE counts as answered. */
const GRACE_MS = 10_000;
/** SUBSCRIBEs remembered; with more in the grace time the oldest is forgotten. */
const ANSWERS_MAX = 64;
/** Topics remembered of each; beyond them, a handler may get a message twice. */
const TOPICS_MAX = 10_000;

type Answer = RetainedFacts & {
  readonly filters: FilterTree<true>;
  /** On these it has brought what the broker had. */
  readonly topics: Set<string>;
  /** When it was asked for, or the last message that may belong to it came. */
  heardAtMs: number;
};

export class RetainedAnswers {
  #answers: Answer[] = [];

  /** A SUBSCRIBE is about to be sent. Filters are without origin, as topics are in `find`. */
  expect(filters: Iterable<string>, facts: RetainedFacts, nowMs: number): void {
    const tree = new FilterTree<true>();
    for (const filter of filters) tree.set(filter, true);
    const recent = this.#answers.filter((answer) => isRecent(answer, nowMs));
    this.#answers = [
      ...recent.slice(1 - ANSWERS_MAX),
      { ...facts, filters: tree, topics: new Set(), heardAtMs: nowMs },
    ];
  }

  /**
   * Whom a retained message is meant for. Of the recent SUBSCRIBEs that may have brought it the
   * lowest generation counts: a handler may then get it twice, but none goes without.
   */
  find(topic: string, nowMs: number): RetainedFacts {
    const latest = this.#answers.at(-1);
    const matching = this.#answers.filter((answer) => {
      return (answer === latest || isRecent(answer, nowMs)) && answer.filters.find(topic);
    });
    // Each SUBSCRIBE brings the message of a topic once: what comes again is of a later one.
    const waiting = matching.filter(({ topics }) => !topics.has(topic));
    const possible = waiting.length > 0 ? waiting : matching.slice(-1);
    const [oldest] = possible;
    if (!oldest) return UNEXPLAINED;
    if (oldest.topics.size < TOPICS_MAX) oldest.topics.add(topic);
    for (const answer of possible) answer.heardAtMs = nowMs;
    return {
      retainedSince: Math.min(...possible.map(({ retainedSince }) => retainedSince)),
      isNewSubscription: possible.some(({ isNewSubscription }) => isNewSubscription),
    };
  }
}

function isRecent({ heardAtMs }: Answer, nowMs: number): boolean {
  return nowMs - heardAtMs < GRACE_MS;
}
