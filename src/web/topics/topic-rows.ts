// The tree of topics as the rows that are shown one below the other. Pure.

import type { TopicNode, TopicTree } from "../live/topic-tree.ts";
import { isFound, type Search } from "./topic-search.ts";

export type TopicRow = {
  readonly node: TopicNode;
  /** Undefined where there is nothing below. */
  readonly isOpen: boolean | undefined;
  /** Among those of the same parent that are shown, from 1. */
  readonly position: number;
  readonly siblings: number;
};

export type ShownRows = {
  readonly rows: readonly TopicRow[];
  /** Topics that the search finds; all when nothing is searched. */
  readonly found: number;
};

type Sorted = { readonly version: number; readonly nodes: readonly TopicNode[] };

/** "room 2" before "room 10". */
const ORDER = new Intl.Collator("en", { numeric: true });
/** To sort thousands in each frame would cost more than to show them. */
const sortedChildren = new WeakMap<TopicNode, Sorted>();

/** While something is searched, all that leads to what is found is open. */
export function listRows(
  tree: TopicTree,
  search: Search,
  isOpen: (node: TopicNode) => boolean,
): ShownRows {
  const rows: TopicRow[] = [];
  if (search.kind === "all") {
    addRows(rows, tree.root, undefined, isOpen);
    return { rows, found: tree.size };
  }
  const wanted = new Set<TopicNode>();
  let found = 0;
  for (const node of tree.topics) {
    if (!isFound(search, node)) continue;
    found += 1;
    for (let at: TopicNode | undefined = node; at && !wanted.has(at); at = at.parent) {
      wanted.add(at);
    }
  }
  addRows(rows, tree.root, wanted, () => true);
  return { rows, found };
}

function addRows(
  rows: TopicRow[],
  parent: TopicNode,
  wanted: ReadonlySet<TopicNode> | undefined,
  isOpen: (node: TopicNode) => boolean,
): void {
  const nodes = pick(sortChildren(parent), wanted);
  for (const [index, node] of nodes.entries()) {
    const opened = isParent(node, wanted) ? isOpen(node) : undefined;
    rows.push({ node, isOpen: opened, position: index + 1, siblings: nodes.length });
    if (opened) addRows(rows, node, wanted, isOpen);
  }
}

function isParent({ children }: TopicNode, wanted: ReadonlySet<TopicNode> | undefined): boolean {
  if (!wanted) return children.size > 0;
  return children.values().some((child) => wanted.has(child));
}

function pick(
  nodes: readonly TopicNode[],
  wanted: ReadonlySet<TopicNode> | undefined,
): readonly TopicNode[] {
  return wanted ? nodes.filter((node) => wanted.has(node)) : nodes;
}

function sortChildren(parent: TopicNode): readonly TopicNode[] {
  const version = parent.childrenVersion;
  const known = sortedChildren.get(parent);
  if (known?.version === version) return known.nodes;
  const nodes = [...parent.children.values()];
  nodes.sort((one, other) => ORDER.compare(one.name, other.name));
  sortedChildren.set(parent, { version, nodes });
  return nodes;
}
