// The messages of one topic, as the pane shows them: what was recorded, what comes live, and which
// one is shown. Bounded. It asks the bridge through live.api; views only read its signals.

import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { MessageJson } from "../live/bridge-answers.ts";
import type { Live } from "../live/live.ts";
import type { ProblemError } from "../live/problem-error.ts";
import type { LastMessage } from "../live/topic-tree.ts";
import { showError } from "../shell/notices.tsx";
import { type HeldMessage, mergeMessages } from "./held-messages.ts";
import { toEncoded } from "./payload-kind.ts";
import { toTopicPath } from "./topic-address.ts";

export type HistoryState =
  | { readonly kind: "loading" }
  /** With `next`, there are older ones behind the message of that id. */
  | { readonly kind: "ready"; readonly next: number | undefined }
  /** The bridge records nothing, or does not give it; what comes live is shown. */
  | { readonly kind: "missing"; readonly error: ProblemError };

export type TopicHistory = {
  /** The oldest first. */
  readonly messages: ReadonlySignal<readonly HeldMessage[]>;
  readonly state: ReadonlySignal<HistoryState>;
  /** The one that was chosen, else the newest. */
  readonly shown: ReadonlySignal<HeldMessage | undefined>;
  /** The one before the one shown. */
  readonly before: ReadonlySignal<HeldMessage | undefined>;
  readonly isLive: ReadonlySignal<boolean>;
  /** Shows this one; undefined, and it follows what comes. */
  readonly choose: (message: HeldMessage | undefined) => void;
  readonly noteLast: (last: LastMessage) => void;
  readonly loadOlder: () => Promise<void>;
  /** Begins to listen and to ask; gives what ends it. */
  readonly open: () => End;
};

type End = () => void;
type Page = { readonly messages: readonly MessageJson[]; readonly next?: number };

const FIRST_MESSAGES = 200;
const MORE_MESSAGES = 800;

export function createTopicHistory(live: Live, topic: string): TopicHistory {
  const messages = signal<readonly HeldMessage[]>([]);
  const state = signal<HistoryState>({ kind: "loading" });
  const chosen = signal<HeldMessage | undefined>(undefined);
  const shown = computed(() => {
    const id = chosen.value?.id;
    if (id === undefined) return messages.value.at(-1);
    // It may be whole by now, or have gone to make room.
    return messages.value.find((message) => message.id === id) ?? chosen.value;
  });
  const add = (more: readonly HeldMessage[]) => {
    messages.value = mergeMessages(messages.peek(), more);
  };
  const ask = createAsking(live, topic, state, add);
  const replaceWhole = (whole: HeldMessage) => {
    messages.value = messages.peek().map((one) => (one.id === whole.id ? whole : one));
  };
  return {
    messages,
    state,
    shown,
    before: computed(() => messages.value.findLast(({ id }) => id < (shown.value?.id ?? 0))),
    isLive: computed(() => chosen.value === undefined),
    choose: (message) => {
      chosen.value = message;
    },
    noteLast: (last) => add([toHeld(topic, last)]),
    loadOlder: () => ask(MORE_MESSAGES, nextOf(state.peek())),
    open() {
      const ends = [
        live.feed.listen((events) => {
          const ours = events.filter((event) => event.event === "message");
          const held = ours.filter((event) => event.topic === topic);
          if (held.length > 0) add(held);
        }),
        followConnection(live, () => void ask(FIRST_MESSAGES)),
        followCut(live, topic, messages, replaceWhole),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

function createAsking(
  { api }: Live,
  topic: string,
  state: Signal<HistoryState>,
  add: (more: readonly HeldMessage[]) => void,
) {
  return async (limit: number, after?: number) => {
    const place = after === undefined ? "" : `&after=${after}`;
    const path = `history?filter=${encodeURIComponent(topic)}&limit=${limit}${place}`;
    try {
      const page = await api.ask<Page>(path);
      batch(() => {
        add(page.messages);
        const known = state.peek();
        // Asked again after a pause, the newest page says nothing of how far back the others go.
        if (known.kind === "ready" && after === undefined) return;
        state.value = { kind: "ready", next: page.next };
      });
    } catch (error) {
      // What is there stays, and the older ones can be asked for once more.
      if (after !== undefined) return showError(error);
      state.value = { kind: "missing", error: error as ProblemError };
    }
  };
}

function nextOf(state: HistoryState): number | undefined {
  return state.kind === "ready" ? state.next : undefined;
}

/** At once, and again with each connection: messages may have passed meanwhile. */
function followConnection({ feed }: Live, load: End): End {
  load();
  const isOpen = computed(() => feed.state.value.kind === "open");
  let wasOpen = isOpen.peek();
  return effect(() => {
    if (isOpen.value && !wasOpen) load();
    wasOpen = isOpen.value;
  });
}

// Only of the newest can the bridge have more than the history has.
function followCut(
  live: Live,
  topic: string,
  messages: ReadonlySignal<readonly HeldMessage[]>,
  replace: (whole: HeldMessage) => void,
): End {
  const cut = computed(() => {
    const newest = messages.value.at(-1);
    return newest?.isPreview || newest?.payload_cut ? newest : undefined;
  });
  let askedId = 0;
  let isAsking = false;
  return effect(() => {
    const message = cut.value;
    if (!message || message.id === askedId || isAsking) return;
    isAsking = true;
    askedId = message.id;
    const asked = fetchWhole(live, topic, message);
    // Without it the beginning stays, and says that it is one.
    const settled = asked.then((whole) => whole && replace(whole)).catch(() => {});
    settled.finally(() => {
      isAsking = false;
    });
  });
}

async function fetchWhole(
  { api }: Live,
  topic: string,
  message: HeldMessage,
): Promise<HeldMessage | undefined> {
  const answer = await api.fetch(`topics/${toTopicPath(topic)}`, { headers: { Accept: "*/*" } });
  // A newer one has come meanwhile, or the address was of another topic: "a/../b".
  if (answer.headers.get("ETag") !== `"${message.id}"`) return undefined;
  const isCut = answer.headers.has("MQTT-Payload-Cut");
  const encoded = toEncoded(new Uint8Array(await answer.arrayBuffer()));
  const { payload_cut: _cut, isPreview: _preview, ...others } = message;
  return { ...others, ...encoded, ...(isCut && { payload_cut: true }) };
}

function toHeld(topic: string, last: LastMessage): HeldMessage {
  return { ...last, topic, at: new Date(last.id / 1000).toISOString() };
}
