// What the page keeps, how much comes, and what it was spared or could not take: it never hides
// that something was skipped.

import type { Live } from "../live/live.ts";
import { readRate } from "../live/rate.ts";
import { formatNumber, formatShort } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { TreeState } from "./tree-state.ts";

export type BudgetLineProps = { readonly live: Live; readonly state: TreeState };

export function BudgetLine({ live, state }: BudgetLineProps) {
  state.beat.value; // The tree has changed.
  const { tree, limits, skipped } = live.topics;
  const { replaced, coalesced, dropped, topics } = skipped.value;
  const perSecond = readRate(tree.root.below.rate, live.now.value);
  const missed = coalesced + dropped;
  return (
    <p class="budget soft">
      <span>{say("topics.kept", { count: tree.size, most: formatShort(limits.topicsMax) })}</span>
      <span>
        {say("topics.perSecond", { rate: formatNumber(perSecond, perSecond < 10 ? 1 : 0) })}
      </span>
      {replaced > 0 && (
        <span title={say("topics.replacedWhy")}>
          {say("topics.replaced", { amount: formatShort(replaced) })}
        </span>
      )}
      {missed > 0 && (
        <span class="warm" title={say("topics.missedWhy")}>
          {say("topics.missed", { amount: formatShort(missed) })}
        </span>
      )}
      {topics > 0 && <span class="warm">{say("topics.gone", { count: topics })}</span>}
      {replaced + missed + topics === 0 && <span>{say("topics.nothingSkipped")}</span>}
    </p>
  );
}
