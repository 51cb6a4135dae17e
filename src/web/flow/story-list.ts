// The stories that the page knows, newest first, and which of them are looked for. Pure.

import type { FlowJson } from "../live/flow-answers.ts";

/** What the reader looks for: a filter is the bridge's to apply, text is the page's. */
export type StorySearch = { readonly filter: string; readonly text: string };

export const STORY_KINDS = ["all", "running", "failed"] as const;
export type StoryKind = (typeof STORY_KINDS)[number];

/** Older ones are forgotten here; the bridge may still have them. */
export const STORIES_MAX = 200;

/** With + or # it is a filter. */
export function toSearch(typed: string): StorySearch {
  const words = typed.trim();
  if (/[+#]/.test(words)) return { filter: words, text: "" };
  return { filter: "#", text: words.toLowerCase() };
}

/** The known stories with what has begun or changed since. */
export function mergeStories(
  known: readonly FlowJson[],
  news: readonly FlowJson[],
): readonly FlowJson[] {
  if (news.length === 0) return known;
  const byId = new Map([...known, ...news].map((flow) => [flow.id, flow]));
  return [...byId.values()].sort((one, other) => other.id - one.id).slice(0, STORIES_MAX);
}

export function findStories(
  stories: readonly FlowJson[],
  { text }: StorySearch,
  kind: StoryKind,
): readonly FlowJson[] {
  return stories.filter((flow) => {
    if (kind !== "all" && flow.status !== kind) return false;
    return text === "" || toWords(flow).some((words) => words.toLowerCase().includes(text));
  });
}

/** From its beginning to the last thing that is known of it, in ms. */
export function toTotalMs({ sender, arrived_ms, runs }: FlowJson): number {
  return Math.max(
    arrived_ms,
    toLastMs(sender),
    ...runs.map(({ end_ms = 0, start_ms = 0, publishes }) => {
      return Math.max(end_ms, start_ms, ...publishes.map(toLastMs));
    }),
  );
}

type Times = {
  readonly sent_ms?: number;
  readonly acknowledged_ms?: number;
  readonly answered_ms?: number;
};

function toLastMs({ sent_ms = 0, acknowledged_ms = 0, answered_ms = 0 }: Times): number {
  return Math.max(sent_ms, acknowledged_ms, answered_ms);
}

function toWords({ topic, payload, sender, runs }: FlowJson): readonly string[] {
  const {
    method = "",
    route = "",
    client_id = "",
    handler = "",
    caller = "",
    request_id = "",
  } = sender;
  const handlers = runs.map((run) => run.handler);
  const from = [
    method === "" ? "" : `http ${method} ${route}`,
    client_id,
    handler,
    caller,
    request_id,
  ];
  return [topic, payload, ...from, ...handlers];
}
