// What the page "Publish" knows, as signals: the topic that is meant, its type, what is wrong, and
// what became of the last message. Made by publish-page.tsx; the parts of the page show it.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Live } from "../live/live.ts";
import { route } from "../shell/route.ts";
import { toBeginning } from "./beginning-value.ts";
import {
  changeDraft,
  type DraftProblems,
  draft,
  type Encoding,
  findProblems,
} from "./publish-draft.ts";
import { askDraft, type Outcome, publishDraft } from "./publish-outcome.ts";
import { createRepeater, type Pace, type Repeater, type Schedule } from "./repeater.ts";
import { checkValue, type Issue } from "./schema-check.ts";
import { toTimeoutMs } from "./sent-message.ts";
import {
  type AsyncApiJson,
  fillTopic,
  findTyped,
  readTypedTopics,
  type TypedTopic,
} from "./typed-topics.ts";

export type Progress =
  | { readonly kind: "idle" }
  | { readonly kind: "sending"; readonly topic: string }
  | {
      readonly kind: "asking";
      readonly topic: string;
      readonly sinceMs: number;
      readonly timeoutMs: number;
    }
  | Outcome;

export type PublishModel = {
  readonly typedTopics: ReadonlySignal<readonly TypedTopic[]>;
  readonly typed: ReadonlySignal<TypedTopic | undefined>;
  /** With its parameters in their places. */
  readonly topic: ReadonlySignal<string>;
  readonly problems: ReadonlySignal<DraftProblems>;
  /** Where the payload does not fit the type of the topic. */
  readonly issues: ReadonlySignal<readonly Issue[]>;
  /** The payload, as a form can show it; undefined when it cannot. */
  readonly formValue: ReadonlySignal<{ readonly value: unknown } | undefined>;
  /** How much keeps the message from being sent, as it is written now. */
  readonly obstacles: ReadonlySignal<number>;
  /** The fields that the reader has left: what is wrong with others is not said yet. */
  readonly visited: Signal<ReadonlySet<string> | "all">;
  readonly progress: ReadonlySignal<Progress>;
  readonly repeater: Repeater;
  /** Sends or asks; gives false when something is wrong first. */
  readonly send: () => boolean;
  readonly cancel: () => void;
  readonly repeat: (pace: Pace) => boolean;
  /** Follows the address and the tab, until it is ended. */
  readonly open: () => End;
};

type End = () => void;

const ENCODINGS = { json: "json", text: "text", bytes: "base64" } as const satisfies Record<
  TypedTopic["content"],
  Encoding
>;

export function createPublishModel({ api }: Live): PublishModel {
  const typedTopics = signal<readonly TypedTopic[]>([]);
  const typed = computed(() => findTyped(typedTopics.value, draft.value.topic));
  const topic = computed(() => fillTopic(typed.value, draft.value.topic, draft.value.parameters));
  const problems = computed(() => findProblems(draft.value, topic.value));
  const issues = computed(() => findIssues(typed.value));
  const formValue = computed(() => findFormValue(typed.value));
  const parts = {
    typedTopics,
    typed,
    topic,
    problems,
    issues,
    formValue,
    obstacles: computed(() => {
      // Who writes the text may try what does not fit.
      const ofForm = formValue.value ? issues.value : [];
      const fields = new Set(ofForm.map(({ pointer }) => pointer));
      return Object.keys(problems.value).length + fields.size;
    }),
    visited: signal<ReadonlySet<string> | "all">(new Set<string>()),
    progress: signal<Progress>({ kind: "idle" }),
    repeater: createRepeater(scheduleByTimer, () => performance.now()),
  };
  const sender = createSender(api, parts);
  return {
    ...parts,
    ...sender,
    open() {
      // A token may send without reading: then no topic has a type.
      const asked = api.ask<AsyncApiJson>("asyncapi.json");
      asked.then(
        (document) => {
          typedTopics.value = readTypedTopics(document);
        },
        () => {},
      );
      return followAll(parts, sender.cancel);
    },
  };
}

type Parts = Omit<PublishModel, "send" | "cancel" | "repeat" | "open" | "progress"> & {
  readonly progress: Signal<Progress>;
};

function createSender(api: Live["api"], parts: Parts) {
  const { topic, progress, repeater } = parts;
  let waiting: AbortController | undefined;
  const isReady = () => {
    if (parts.obstacles.peek() === 0) return true;
    parts.visited.value = "all";
    return false;
  };
  const run = async () => {
    const message = draft.peek();
    const to = topic.peek();
    waiting?.abort();
    waiting = new AbortController();
    const { signal: cancelled } = waiting;
    const sinceMs = Date.now();
    progress.value = message.isAsking
      ? { kind: "asking", topic: to, sinceMs, timeoutMs: toTimeoutMs(message) }
      : { kind: "sending", topic: to };
    const outcome = message.isAsking
      ? await askDraft(api, message, to, cancelled)
      : await publishDraft(api, message, to);
    // A later one may be under way.
    if (waiting?.signal === cancelled) progress.value = outcome;
  };
  return {
    send() {
      if (!isReady()) return false;
      void run();
      return true;
    },
    cancel: () => waiting?.abort(),
    repeat(pace: Pace) {
      if (!isReady()) return false;
      const message = draft.peek();
      const to = topic.peek();
      repeater.start(async () => {
        progress.value = await publishDraft(api, message, to);
        return progress.peek() as Outcome;
      }, pace);
      return true;
    },
  };
}

// A browser lets a hidden tab wait so long that the interval would be a lie.
function followAll({ typed, visited, repeater }: Parts, cancel: End): End {
  const look = () => {
    if (document.visibilityState === "hidden") repeater.stop("hidden");
  };
  document.addEventListener("visibilitychange", look);
  const ends = [
    effect(() => {
      const { page, rest } = route.value;
      if (page === "publish" && rest !== undefined) changeDraft({ topic: rest });
    }),
    effect(() => {
      propose(typed.value);
      visited.value = new Set(); // In another form nobody was anywhere yet.
    }),
    () => document.removeEventListener("visibilitychange", look),
    () => repeater.stop("left"),
    cancel,
  ];
  return () => {
    for (const end of ends) end();
  };
}

// What somebody wrote stays, whatever the topic is.
function propose(typed: TypedTopic | undefined): void {
  const { text, proposed } = draft.peek();
  if (text !== proposed) return;
  const value = typed?.hasForm ? toBeginning(typed.schema, typed.root) : undefined;
  const next = value === undefined ? "" : JSON.stringify(value, null, 2);
  const encoding = typed && { encoding: ENCODINGS[typed.content], isRaw: false };
  changeDraft({ text: next, proposed: next, ...encoding });
}

function findIssues(typed: TypedTopic | undefined): readonly Issue[] {
  const { text, encoding } = draft.value;
  if (!typed || typed.content === "bytes" || encoding === "base64") return [];
  if (typed.content === "text") return checkValue(typed.schema, text, typed.root);
  const parsed = parseJson(text);
  return parsed ? checkValue(typed.schema, parsed.value, typed.root) : [];
}

function findFormValue(typed: TypedTopic | undefined): { readonly value: unknown } | undefined {
  const { text, isRaw, encoding } = draft.value;
  if (!typed?.hasForm || isRaw || encoding !== "json") return undefined;
  return text === "" ? { value: undefined } : parseJson(text);
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined; // Said beside the field.
  }
}

const scheduleByTimer: Schedule = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
