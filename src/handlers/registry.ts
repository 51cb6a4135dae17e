// Which handlers a topic concerns. A trie over the levels of the patterns: the cost of a look-up
// depends on the depth of the topic, not on how many handlers there are.

import { FilterTree } from "../topics/filter-tree.ts";
import { matchPattern, type Params, type Pattern } from "../topics/pattern.ts";

export type Match<Item> = {
  readonly item: Item;
  readonly params: Params;
};
type Entry<Item> = { readonly item: Item; readonly pattern: Pattern };

type Node<Item> = {
  readonly literals: Map<string, Node<Item>>;
  /** Below `+`, and items whose pattern ends here or, with `#`, anywhere below. */
  one: Node<Item> | undefined;
  readonly ending: Entry<Item>[];
  readonly rest: Entry<Item>[];
};

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
  const root = createNode<Item>();
  const filters = new FilterTree<true>();
  // Weak, since a handler may make a topic anew for each publish.
  const meetings = new WeakMap<Pattern, boolean>();
  // Devices publish to the same few topics again and again.
  const recent = new Map<string, readonly Match<Item>[]>();
  for (const entry of entries) {
    insert(root, entry);
    filters.set(entry.pattern.filter, true);
  }
  function search(topic: string): readonly Match<Item>[] {
    const levels = topic.split("/");
    const matches: Match<Item>[] = [];
    visit(root, levels, 0, ({ item, pattern }) => {
      const params = matchPattern(pattern, topic, levels);
      if (params) matches.push({ item, params });
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
    has(topic) {
      const levels = topic.split("/");
      return visit(root, levels, 0, ({ pattern }) => !!matchPattern(pattern, topic, levels));
    },
    meets(pattern) {
      const known = meetings.get(pattern);
      if (known !== undefined) return known;
      const isMet = filters.find(pattern.filter) === true;
      meetings.set(pattern, isMet);
      return isMet;
    },
  };
}

function createNode<Item>(): Node<Item> {
  return { literals: new Map(), one: undefined, ending: [], rest: [] };
}

function insert<Item>(root: Node<Item>, entry: Entry<Item>): void {
  let node = root;
  for (const level of entry.pattern.levels) {
    if (level.kind === "rest") {
      node.rest.push(entry);
      return;
    }
    node = level.kind === "one" ? openOne(node) : openLiteral(node, level.text);
  }
  node.ending.push(entry);
}

function openOne<Item>(node: Node<Item>): Node<Item> {
  node.one ??= createNode();
  return node.one;
}

function openLiteral<Item>(node: Node<Item>, text: string): Node<Item> {
  const known = node.literals.get(text) ?? createNode();
  node.literals.set(text, known);
  return known;
}

/** Shows the entries that a topic may concern until one is enough; whether one was. */
function visit<Item>(
  node: Node<Item>,
  levels: readonly string[],
  at: number,
  isEnough: (entry: Entry<Item>) => boolean,
): boolean {
  if (node.rest.some(isEnough)) return true;
  const level = levels[at];
  if (level === undefined) return node.ending.some(isEnough);
  const literal = node.literals.get(level);
  if (literal && visit(literal, levels, at + 1, isEnough)) return true;
  return node.one !== undefined && visit(node.one, levels, at + 1, isEnough);
}
