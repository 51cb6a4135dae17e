// The tree of topics as the views see it: signals that change once per batch, so that a row is
// shown anew only when its own node has changed. Fed by live.ts; it asks nobody for anything.

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { StreamEvent, TopicsJson } from "./bridge-answers.ts";
import { type TopicNode, TopicTree, type TopicTreeLimits } from "./topic-tree.ts";

/** What the page did not show, since it began to watch. */
export type Skipped = {
  /** Of these the bridge sent a newer one of the same topic; all but their payloads is counted. */
  readonly replaced: number;
  /** The same, where the page was too slow, so that they are counted nowhere. */
  readonly coalesced: number;
  /** These were the newest of their topic, and came too fast. */
  readonly dropped: number;
  /** Topics that went to make room for others. */
  readonly topics: number;
};

export type TopicStore = {
  readonly tree: TopicTree;
  readonly limits: TopicTreeLimits;
  /** Changes with each batch: a view that reads it looks at its nodes again. */
  readonly version: ReadonlySignal<number>;
  /** Changes when topics come or go. */
  readonly structure: ReadonlySignal<number>;
  readonly skipped: ReadonlySignal<Skipped>;
  /** Takes a batch of the stream; gives the nodes that changed. */
  readonly take: (events: readonly StreamEvent[], nowMs: number) => ReadonlySet<TopicNode>;
  /** Takes what the bridge knew before. */
  readonly takeKnown: (answer: TopicsJson) => void;
  readonly clear: () => void;
};

/** The budget of the page; the topics are as many as the bridge keeps. */
export const TOPIC_LIMITS: TopicTreeLimits = {
  topicsMax: 10_000,
  previewCharactersMax: 2_048,
  charactersMax: 8_000_000,
};

const NOTHING: Skipped = { replaced: 0, coalesced: 0, dropped: 0, topics: 0 };

export function createTopicStore(limits = TOPIC_LIMITS): TopicStore {
  const tree = new TopicTree(limits);
  const version = signal(0);
  const structure = signal(0);
  const skipped = signal(NOTHING);
  const tell = () => {
    batch(() => {
      version.value += 1;
      structure.value = tree.structure;
      if (tree.dropped !== skipped.value.topics) {
        skipped.value = { ...skipped.value, topics: tree.dropped };
      }
    });
  };
  return {
    tree,
    limits,
    version,
    structure,
    skipped,
    take(events, nowMs) {
      const changed = new Set<TopicNode>();
      let replaced = 0;
      for (const event of events) {
        if (event.event === "message") {
          changed.add(tree.note(event, nowMs));
          replaced += event.replaced ?? 0;
        }
        if (event.event === "missed") skipped.value = addMissed(skipped.value, event);
      }
      if (replaced > 0) {
        skipped.value = { ...skipped.value, replaced: skipped.value.replaced + replaced };
      }
      tell();
      return changed;
    },
    takeKnown({ topics }) {
      for (const { topic, messages, id } of topics) tree.noteCount(topic, messages, id);
      tell();
    },
    clear() {
      tree.clear();
      skipped.value = NOTHING;
      tell();
    },
  };
}

type Missed = Extract<StreamEvent, { event: "missed" }>;

function addMissed(sum: Skipped, { coalesced, dropped }: Missed): Skipped {
  return { ...sum, coalesced: sum.coalesced + coalesced, dropped: sum.dropped + dropped };
}
