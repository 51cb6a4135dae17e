// The latest stories, each a link to itself; the arrows go from one to the next.

import type { FlowJson } from "../live/flow-answers.ts";
import { showMarks } from "../parts/visible-marks.ts";
import { ErrorBox } from "../shell/error-box.tsx";
import { toHash } from "../shell/route.ts";
import { formatDuration } from "../words/durations.ts";
import { formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { FlowWatch } from "./flow-watch.ts";
import { findStories, toSearch, toTotalMs } from "./story-list.ts";
import { toSenderWords, toStatusOutcome } from "./story-words.ts";

export type StoryLinksProps = {
  readonly watch: FlowWatch;
  readonly chosenId: string | undefined;
};

export function StoryLinks({ watch, chosenId }: StoryLinksProps) {
  const { stories, typed, kind, skipped, failure, isPaused } = watch;
  const all = stories.value;
  const search = toSearch(typed.value);
  const shown = findStories(all ?? [], search, kind.value);
  return (
    <>
      {failure.value !== undefined && <ErrorBox error={failure.value} />}
      {isPaused.value && (
        <p class="flow-paused" role="status">
          {say("flow.paused")}
        </p>
      )}
      {skipped.value > 0 && <p class="soft">{say("flow.skipped", { count: skipped.value })}</p>}
      {shown.length > 0 && (
        <ul class="story-links" onKeyDown={goByArrows}>
          {shown.map((flow) => (
            <StoryLink key={flow.id} flow={flow} isChosen={`${flow.id}` === chosenId} />
          ))}
        </ul>
      )}
      {shown.length === 0 && failure.value === undefined && (
        <NoStories
          isLoading={all === undefined}
          isSearching={typed.value !== "" || !!all?.length}
        />
      )}
    </>
  );
}

function StoryLink({ flow, isChosen }: { readonly flow: FlowJson; readonly isChosen: boolean }) {
  const { tone, words } = toStatusOutcome(flow);
  return (
    <li>
      <a href={toHash("flow", `${flow.id}`)} aria-current={isChosen ? "true" : undefined}>
        <span class="story-topic">{showMarks(flow.topic)}</span>
        <span class="story-took">
          {flow.status === "running" ? "…" : formatDuration(toTotalMs(flow))}
        </span>
        <span class="story-sender">
          <time dateTime={flow.at}>{formatTime(Date.parse(flow.at))}</time>{" "}
          {toSenderWords(flow.sender)}
        </span>
        <span class={`badge ${tone}`}>{words}</span>
      </a>
    </li>
  );
}

type NoStoriesProps = { readonly isLoading: boolean; readonly isSearching: boolean };

function NoStories({ isLoading, isSearching }: NoStoriesProps) {
  if (isLoading) return <p role="status">{say("flow.loading")}</p>;
  if (isSearching) {
    return (
      <p class="flow-none">
        {say("flow.noMatch")} {say("flow.noMatchHint")}
      </p>
    );
  }
  return (
    <div class="flow-none">
      <h2>{say("flow.none")}</h2>
      <p>
        {say("flow.noneWords")} <a href={toHash("handlers")}>{say("flow.noneHandlers")}</a>,{" "}
        <a href={toHash("publish")}>{say("flow.nonePublish")}</a>.
      </p>
    </div>
  );
}

function goByArrows(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0 || !(event.currentTarget instanceof HTMLElement)) return;
  const links: (Element | null)[] = [...event.currentTarget.querySelectorAll("a")];
  const next = links[links.indexOf(document.activeElement) + step];
  if (!(next instanceof HTMLAnchorElement)) return;
  event.preventDefault();
  next.focus();
  location.replace(next.href); // The way back is not each step.
}
