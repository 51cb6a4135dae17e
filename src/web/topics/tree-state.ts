// How the reader looks at the tree of topics: what is searched, what is open, where the cursor is.
// It stays while another page is shown. Numbers change many times a second; `beat` says when to
// look at them again, which is seldom enough for a flood to be no stutter.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { TopicStore } from "../live/topic-store.ts";
import type { TopicNode } from "../live/topic-tree.ts";
import { createOpenNodes } from "./open-nodes.ts";
import { listRows, type ShownRows } from "./topic-rows.ts";
import { parseSearch } from "./topic-search.ts";

export type TreeState = {
  readonly search: Signal<string>;
  readonly cursor: Signal<TopicNode | undefined>;
  readonly shown: ReadonlySignal<ShownRows>;
  /** Changes with the numbers, a few times a second at most. */
  readonly beat: ReadonlySignal<number>;
  readonly open: (node: TopicNode, isOpen: boolean) => void;
  /** Opens or closes each one that has topics below. */
  readonly openAll: (isOpen: boolean) => void;
  /** Opens all that leads to the topic, and puts the cursor there; false when it is not known. */
  readonly reveal: (topic: string) => boolean;
  /** Beats until it is ended. */
  readonly follow: () => () => void;
};

const BEAT_MS = 150;

/** What it looks at: a part of what is live. */
export type TreeSource = {
  readonly topics: TopicStore;
  readonly now: ReadonlySignal<number>;
};

const states = new WeakMap<TreeSource, TreeState>();

export function treeStateOf(live: TreeSource): TreeState {
  const state = states.get(live) ?? createTreeState(live);
  states.set(live, state);
  return state;
}

export function createTreeState({ topics, now }: TreeSource): TreeState {
  const { tree } = topics;
  const search = signal("");
  const cursor = signal<TopicNode | undefined>();
  const beat = signal(0);
  const structure = signal(tree.structure);
  const opened = createOpenNodes(tree);
  const shown = computed(() => {
    structure.value;
    opened.version.value;
    const wanted = parseSearch(search.value);
    if (wanted.kind === "text") now.value; // Payloads change as well.
    return listRows(tree, wanted, opened.isOpen);
  });
  return {
    search,
    cursor,
    shown,
    beat,
    open: opened.set,
    openAll: opened.setAll,
    reveal(topic) {
      const node = tree.find(topic);
      if (!node) return false;
      opened.openTo(node);
      cursor.value = node;
      return true;
    },
    follow: () =>
      followBeat(topics.version, () => {
        structure.value = tree.structure;
        beat.value += 1;
      }),
  };
}

// At once after silence, then no sooner than the next beat.
function followBeat(version: ReadonlySignal<number>, strike: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDue = false;
  const rest = () => {
    timer = undefined;
    if (isDue) go();
  };
  const go = () => {
    isDue = false;
    timer = setTimeout(rest, BEAT_MS);
    strike();
  };
  const end = effect(() => {
    version.value;
    if (timer === undefined) queueMicrotask(() => timer === undefined && go());
    else isDue = true;
  });
  return () => {
    end();
    clearTimeout(timer);
  };
}
