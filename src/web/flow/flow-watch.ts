// Follows GET /flows by long poll, while the page is seen and nobody has paused it.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Api } from "../live/api.ts";
import type { FlowsJson } from "../live/flow-answers.ts";
import { ProblemError } from "../live/problem-error.ts";
import { repeatWhileSeen } from "../live/repeat-while-seen.ts";
import { mergeStories, STORIES_MAX, type StoryKind, toSearch } from "./story-list.ts";

type Stories = FlowsJson["flows"];

export type FlowWatch = {
  /** Newest first; undefined until the bridge has answered. */
  readonly stories: ReadonlySignal<Stories | undefined>;
  /** What the bridge did not tell, as it came too fast. */
  readonly skipped: ReadonlySignal<number>;
  readonly failure: ReadonlySignal<unknown>;
  readonly typed: Signal<string>;
  readonly kind: Signal<StoryKind>;
  readonly isPaused: Signal<boolean>;
  /** Follows until it is ended. */
  readonly follow: () => () => void;
};

/** The bridge answers then even when nothing was new. */
const WAIT = "25s";
/** Between two answers, so that a flood is one list a moment and not a hundred. */
const PAUSE_MS = 250;
const RETRY_MS = 2_000;
/** To ask the same again will hardly help. */
const REFUSED_MS = 30_000;

export function createFlowWatch(api: Api): FlowWatch {
  const stories = signal<Stories | undefined>(undefined);
  const skipped = signal(0);
  const failure = signal<unknown>(undefined);
  const typed = signal("");
  const kind = signal<StoryKind>("all");
  const isPaused = signal(false);
  const position: { filter?: string; after?: number | undefined } = {};

  const ask = async (signal: AbortSignal, filter: string) => {
    if (position.filter !== filter) {
      position.filter = filter;
      position.after = undefined;
      stories.value = undefined;
    }
    try {
      const answer = await api.ask<FlowsJson>(toPath(filter, position.after), { signal });
      if (signal.aborted) return 0;
      // So many have come that the newest are wanted, and not the next.
      const isBehind = position.after !== undefined && answer.flows.length >= STORIES_MAX;
      position.after = isBehind ? undefined : answer.next;
      stories.value = mergeStories(stories.peek() ?? [], answer.flows);
      skipped.value = answer.skipped;
      failure.value = undefined;
      return PAUSE_MS;
    } catch (error) {
      if (signal.aborted) return 0;
      failure.value = toFilterError(error);
      return isRefused(error) ? REFUSED_MS : RETRY_MS;
    }
  };
  const chosen = computed(() => toSearch(typed.value).filter);
  const follow = () =>
    effect(() => {
      const filter = chosen.value;
      if (isPaused.value) return undefined;
      return repeatWhileSeen((signal) => ask(signal, filter));
    });
  return { stories, skipped, failure, typed, kind, isPaused, follow };
}

function toPath(filter: string, after: number | undefined): string {
  const query = new URLSearchParams({ filter, limit: `${STORIES_MAX}` });
  if (after !== undefined) {
    query.set("after", `${after}`);
    query.set("wait", WAIT);
  }
  return `flows?${query}`;
}

// Of all that the page asks, only the filter is the reader's.
function toFilterError(error: unknown): unknown {
  if (!(error instanceof ProblemError) || error.code !== "query_invalid") return error;
  return new ProblemError("filter_invalid", error.message, error.hint, error.status, error);
}

function isRefused(error: unknown): boolean {
  return error instanceof ProblemError && error.status >= 400 && error.status < 500;
}
