// Which handlers a topic concerns, with the parameters that its levels are for each. Used by
// dispatcher; it knows nothing of what handlers do.

import { FilterTree } from "../topics/filter-tree.ts";
import { matchPattern, type Params, type Pattern } from "../topics/pattern.ts";

export type Match<Item> = {
  readonly item: Item;
  readonly params: Params;
};
type Entry<Item> = { readonly item: Item; readonly pattern: Pattern };

/** Topics whose matches are remembered. */
const RECENT_MAX = 256;

export type Registry<Item> = {
  /** What is registered for a topic, each once, with the topic's parameters. */
  find(topic: string): readonly Match<Item>[];
  /** Whether anything is; for topics that are not asked for again and again. */
  has(topic: string): boolean;
  /** Whether anything is for some topic of the pattern; known after the first time. */
  meets(pattern: Pattern): boolean;
};

/** The items, ready to be found by topic. */
export function createRegistry<Item>(entries: Iterable<Entry<Item>>): Registry<Item> {
  const tree = new FilterTree<readonly Entry<Item>[]>();
  const groups = Map.groupBy(entries, ({ pattern }) => pattern.filter);
  for (const [filter, group] of groups) tree.set(filter, group);
  // Weak, since a handler may make a topic anew for each publish.
  const meetings = new WeakMap<Pattern, boolean>();
  // Devices publish to the same few topics again and again.
  const recent = new Map<string, readonly Match<Item>[]>();
  function search(topic: string): readonly Match<Item>[] {
    const levels = topic.split("/");
    const matches: Match<Item>[] = [];
    tree.visit(levels, (group) => {
      for (const { item, pattern } of group) {
        const params = matchPattern(pattern, topic, levels);
        if (params) matches.push({ item, params });
      }
      return false;
    });
    return matches;
  }
  return {
    find(topic) {
      const known = recent.get(topic);
      if (known) return known;
      const matches = search(topic);
      if (recent.size >= RECENT_MAX) recent.clear();
      recent.set(topic, matches);
      return matches;
    },
    has: (topic) => tree.find(topic) !== undefined,
    meets(pattern) {
      const known = meetings.get(pattern);
      if (known !== undefined) return known;
      const isMet = tree.find(pattern.filter) !== undefined;
      meetings.set(pattern, isMet);
      return isMet;
    },
  };
}
