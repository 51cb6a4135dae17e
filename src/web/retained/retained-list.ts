// The retained messages of a filter, read page by page as the reader scrolls. Opened by
// retained-page.tsx.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../live/api.ts";
import { type RetainedJson, type RetainedPageJson, toRetainedPath } from "./retained-shapes.ts";

export type ListState =
  /** Nothing was asked for. */
  | { readonly kind: "idle" }
  | { readonly kind: "failed"; readonly filter: string; readonly error: unknown }
  | {
      readonly kind: "shown";
      readonly filter: string;
      readonly messages: readonly RetainedJson[];
      /** The last answer, without its messages. */
      readonly page: Omit<RetainedPageJson, "messages">;
    };

export type RetainedList = {
  readonly state: ReadonlySignal<ListState>;
  readonly isReading: ReadonlySignal<boolean>;
  /** No more are held. */
  readonly isFull: ReadonlySignal<boolean>;
  readonly read: (filter: string) => Promise<void>;
  /** The next page, if there is one, and nothing is being read. Rejects when it cannot be read. */
  readonly more: () => Promise<void>;
  readonly refresh: () => Promise<void>;
};

/** At an external broker each page reads all of the filter anew: few large ones are better. */
const PAGE_MESSAGES = 1_000;
const SHOWN_PAYLOAD_BYTES = 200;
/** So many are held; a narrower filter shows the others. */
const HELD_MAX = 20_000;

export function createRetainedList({ ask }: Pick<Api, "ask">): RetainedList {
  const state = signal<ListState>({ kind: "idle" });
  const isReading = signal(false);
  const isFull = computed(() => {
    return state.value.kind === "shown" && state.value.messages.length >= HELD_MAX;
  });
  let asked = 0;
  /** The filter of the last question: what is shown may still be of the one before. */
  let wanted: string | undefined;
  const readPage = async (filter: string, before: readonly RetainedJson[], after?: string) => {
    asked += 1;
    wanted = filter;
    const own = asked;
    isReading.value = true;
    const facts = { limit: PAGE_MESSAGES, payload_bytes: SHOWN_PAYLOAD_BYTES, after };
    const next = await ask<RetainedPageJson>(toRetainedPath(filter, facts)).then(
      ({ messages, ...page }): ListState => {
        return { kind: "shown", filter, messages: [...before, ...messages], page };
      },
      (error: unknown): ListState => ({ kind: "failed", filter, error }),
    );
    if (own !== asked) return; // Something else has been asked for meanwhile.
    isReading.value = false;
    if (next.kind === "failed" && before.length > 0) throw next.error; // What was read stays.
    state.value = next;
  };
  return {
    state,
    isReading,
    isFull,
    read: (filter) => readPage(filter, []),
    async more() {
      const now = state.peek();
      if (now.kind !== "shown" || now.page.next === undefined || isReading.peek()) return;
      if (!isFull.peek()) await readPage(now.filter, now.messages, now.page.next);
    },
    async refresh() {
      if (wanted !== undefined) await readPage(wanted, []);
    },
  };
}
