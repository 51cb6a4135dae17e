// The page "Topics", at #/topics and #/topics/<topic>: the live tree, and beside it the message of
// the topic that was chosen.

import { useEffect, useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { MessagePane } from "../message/message-pane.tsx";
import { goTo, route, toHash } from "../shell/route.ts";
import { say } from "../words/words.ts";
import { ArrivalChecklist, isSilent } from "./arrival-checklist.tsx";
import { BudgetLine } from "./budget-line.tsx";
import { createHandlerMarks, type HandlerMarks } from "./handler-marks.ts";
import { SearchLine } from "./search-line.tsx";
import { TopicList } from "./topic-list.tsx";
import { type TreeState, treeStateOf } from "./tree-state.ts";
import { WatchForm } from "./watch-form.tsx";

export type TopicsPageProps = { readonly live: Live };

/** Handlers are loaded anew when their files change; it is soon enough to see that then. */
const MARKS_REFRESH_MS = 5_000;

export function TopicsPage({ live }: TopicsPageProps) {
  const state = treeStateOf(live);
  const handlers = useHandlerMarks(live);
  useEffect(state.follow, [state]);
  const topic = route.value.rest === "" ? undefined : route.value.rest;
  return (
    <div class={topic === undefined ? "topics" : "topics with-message"}>
      <section class="topics-tree" aria-label={say("topics.title")}>
        <h1 class="unseen">{say("topics.title")}</h1>
        <WatchForm live={live} />
        <SearchLine state={state} />
        <BudgetLine live={live} state={state} />
        <TreePart live={live} state={state} handlers={handlers} chosen={topic} />
      </section>
      {topic !== undefined && <MessagePart live={live} state={state} topic={topic} />}
    </div>
  );
}

type TreePartProps = {
  readonly live: Live;
  readonly state: TreeState;
  readonly handlers: HandlerMarks;
  readonly chosen: string | undefined;
};

function TreePart({ live, state, handlers, chosen }: TreePartProps) {
  const { rows } = state.shown.value;
  state.beat.value; // It may be silent no more.
  const marks = handlers.marks.value;
  const isNothingFound = rows.length === 0 && state.search.value !== "";
  return (
    <>
      {!isNothingFound && isSilent(live) && (
        <ArrivalChecklist live={live} serverWords={marks.serverWords} />
      )}
      {isNothingFound && <NothingFound state={state} />}
      {rows.length > 0 && <TopicList live={live} state={state} marks={marks} chosen={chosen} />}
    </>
  );
}

function NothingFound({ state }: Pick<TreePartProps, "state">) {
  const clear = () => {
    state.search.value = "";
  };
  return (
    <p class="nothing-found" role="status">
      {say("topics.nothingFound", { text: state.search.value })}{" "}
      <button type="button" onClick={clear}>
        {say("topics.clearSearch")}
      </button>
    </p>
  );
}

type MessagePartProps = Pick<TreePartProps, "live" | "state"> & { readonly topic: string };

function MessagePart({ live, state, topic }: MessagePartProps) {
  state.beat.value; // Its message may be another.
  const last = live.topics.tree.find(topic)?.last;
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    goTo("topics");
    document.querySelector<HTMLElement>(".topic-list")?.focus();
  };
  return (
    <section class="topics-message" aria-label={topic} onKeyDown={leave}>
      <a class="back" href={toHash("topics")}>
        ← {say("topics.back")}
      </a>
      <MessagePane key={topic} live={live} topic={topic} last={last} />
    </section>
  );
}

function useHandlerMarks(live: Live): HandlerMarks {
  const [handlers] = useState(() => createHandlerMarks(live.api));
  const isGranted = live.access.state.value.kind === "granted";
  useEffect(() => {
    if (!isGranted) return;
    const look = () => {
      if (document.visibilityState === "visible") void handlers.refresh();
    };
    look();
    const timer = setInterval(look, MARKS_REFRESH_MS);
    return () => clearInterval(timer);
  }, [isGranted]);
  return handlers;
}
