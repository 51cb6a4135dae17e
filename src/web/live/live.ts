// All that is live in the page, opened once by explorer.tsx and handed to each page: who may ask,
// the stream, and the topics that it fills.

import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Api } from "./api.ts";
import type { TopicsJson } from "./bridge-answers.ts";
import { Feed } from "./feed.ts";
import { keepText, readKept } from "./kept-text.ts";
import { type Access, createAccess } from "./page-access.ts";
import { readRate } from "./rate.ts";
import { createTopicStore, type TopicStore } from "./topic-store.ts";

export type Live = {
  readonly access: Access;
  readonly api: Api;
  readonly feed: Feed;
  readonly topics: TopicStore;
  /** The filter that is watched; undefined until one is asked for, as at an external broker. */
  readonly filter: ReadonlySignal<string | undefined>;
  /** Watches this filter in place of the other, and forgets the topics of that. */
  readonly watch: (filter: string) => void;
  /** The time, in ms since 1970, once a second: for ages. */
  readonly now: ReadonlySignal<number>;
};

/** What comes this often is seen at once, and a flood is no stutter. */
const COALESCE_MS = 100;
/** Beyond so many messages a second it is enough to see the newest of a topic twice a second. */
const BUSY_COALESCE_MS = 500;
const BUSY_PER_SECOND = 1_500;
/** A page that was busy is so until fewer come than this: each change connects anew. */
const CALM_PER_SECOND = 500;
const TICK_MS = 1_000;
const FILTER_KEY = "filter";

export function openLive(): Live {
  const access = createAccess(new URL(".", location.href).href);
  const { api } = access;
  const schedule = (run: () => void) => void requestAnimationFrame(run);
  const feed = new Feed({ api, coalesceMs: COALESCE_MS, schedule });
  const topics = createTopicStore();
  const filter = signal(readKept(FILTER_KEY));
  const now = signal(Date.now());
  let isBusy = false;
  const live = { access, api, feed, topics, filter, now };
  feed.listen((events) => void topics.take(events, Date.now()));
  setInterval(() => {
    now.value = Date.now();
    isBusy = readTotalRate(topics, now.value) > (isBusy ? CALM_PER_SECOND : BUSY_PER_SECOND);
    feed.pace(isBusy ? BUSY_COALESCE_MS : COALESCE_MS);
  }, TICK_MS);
  followVisibility(feed);
  fillAfterFlood(live);
  startWhenGranted(live);
  fillAtOpening(live);
  access.refresh().catch(() => feed.watch(["#"])); // It says then that nobody answers.
  return {
    ...live,
    watch(next) {
      keepText(FILTER_KEY, next);
      topics.clear();
      filter.value = next; // The feed follows it.
    },
  };
}

type LiveParts = Omit<Live, "watch" | "filter"> & {
  readonly filter: Signal<string | undefined>;
};

function followVisibility(feed: Feed): void {
  const tell = () => feed.setVisible(document.visibilityState === "visible");
  document.addEventListener("visibilitychange", tell);
  tell();
}

// At a broker of somebody else nothing is subscribed that nobody asked for.
function startWhenGranted({ access, feed, filter }: LiveParts): void {
  effect(() => {
    const state = access.state.value;
    if (state.kind === "asked") feed.watch([]);
    if (state.kind !== "granted") return;
    if (filter.value === undefined && state.home.broker === "embedded") filter.value = "#";
    const wanted = filter.value === undefined ? [] : [filter.value];
    if (feed.filters.peek().join() !== wanted.join()) feed.watch(wanted);
    else if (feed.state.peek().kind !== "open") feed.retry();
  });
}

// With each connection the counts are asked for anew: the bridge has counted meanwhile.
function fillAtOpening(live: LiveParts): void {
  const { access, feed } = live;
  let wasOpen = false;
  effect(() => {
    const isOpen = feed.state.value.kind === "open";
    if (isOpen && !wasOpen && live.filter.value !== undefined) {
      fill(live);
      if (access.state.peek().kind === "unknown") access.refresh().catch(() => {});
    }
    wasOpen = isOpen;
  });
}

// What came too fast to be sent may have been the only message of its topic. It is asked for once,
// in the first second in which nothing was left out.
function fillAfterFlood(live: LiveParts): void {
  let dropped = 0;
  let isBehind = false;
  effect(() => {
    live.now.value;
    const before = dropped;
    dropped = live.topics.skipped.peek().dropped;
    const isMore = dropped > before;
    if (isBehind && !isMore) fill(live);
    isBehind = isMore;
  });
}

function fill({ api, topics, filter }: LiveParts): void {
  const watched = filter.peek();
  const wanted = encodeURIComponent(watched ?? "#");
  const path = `topics?filter=${wanted}&limit=${topics.limits.topicsMax}`;
  const asked = api.ask<TopicsJson>(path).then((answer) => {
    // What comes late may be of a filter that is watched no more.
    if (filter.peek() === watched) topics.takeKnown(answer);
  });
  asked.catch(() => {}); // Without it the counts begin with the page.
}

function readTotalRate({ tree }: TopicStore, nowMs: number): number {
  return readRate(tree.root.below.rate, nowMs);
}
