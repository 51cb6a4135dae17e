// Which levels of the tree are open: as the reader left them; what is new is open as long as the
// tree is small. Forgets by itself what is no more.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { TopicNode, TopicTree } from "../live/topic-tree.ts";

export type OpenNodes = {
  /** Changes with what is open. */
  readonly version: ReadonlySignal<number>;
  readonly isOpen: (node: TopicNode) => boolean;
  readonly set: (node: TopicNode, isOpen: boolean) => void;
  readonly setAll: (isOpen: boolean) => void;
  /** Opens all that leads to it. */
  readonly openTo: (node: TopicNode) => void;
};

const SMALL_TREE_TOPICS = 200;

export function createOpenNodes(tree: TopicTree): OpenNodes {
  const version = signal(0);
  const states = new WeakMap<TopicNode, boolean>();
  const tell = () => {
    version.value += 1;
  };
  const setBelow = (parent: TopicNode, isOpen: boolean) => {
    for (const node of parent.children.values()) {
      states.set(node, isOpen);
      setBelow(node, isOpen);
    }
  };
  return {
    version,
    isOpen(node) {
      const isOpen = states.get(node) ?? tree.size <= SMALL_TREE_TOPICS;
      states.set(node, isOpen); // It stays so: a tree that grows shuts nothing.
      return isOpen;
    },
    set(node, isOpen) {
      states.set(node, isOpen);
      tell();
    },
    setAll(isOpen) {
      setBelow(tree.root, isOpen);
      tell();
    },
    openTo(node) {
      for (let at = node.parent; at; at = at.parent) states.set(at, true);
      tell();
    },
  };
}
