// The page "Flow", at #/flow and #/flow/<id>: the latest stories, and the chosen one; without a
// choice the newest.

import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { LetterDialog } from "../handlers/letter-dialog.tsx";
import type { FlowJson } from "../live/flow-answers.ts";
import type { Live } from "../live/live.ts";
import { repeatWhileSeen } from "../live/repeat-while-seen.ts";
import { ErrorBox } from "../shell/error-box.tsx";
import { route, toHash } from "../shell/route.ts";
import { say } from "../words/words.ts";
import { createFlowWatch, type FlowWatch } from "./flow-watch.ts";
import { StoryLinks } from "./story-links.tsx";
import { StoryPane } from "./story-pane.tsx";
import { StorySearchForm } from "./story-search-form.tsx";

export type FlowPageProps = { readonly live: Live };

/** A story that is not in the list is asked for alone, for as long as it goes on. */
const ALONE_MS = 1_000;
const ALONE_DONE_MS = 60_000;

export function FlowPage({ live }: FlowPageProps) {
  const [watch] = useState(() => createFlowWatch(live.api));
  useEffect(() => watch.follow(), []);
  const letter = useSignal<number | undefined>(undefined);
  const { rest } = route.value;
  const { flow, failure } = useStory(live, watch, rest);
  const isEmpty = watch.stories.value?.length === 0 && rest === undefined;
  const kind = isEmpty ? "is-empty" : rest === undefined ? "" : "has-choice";
  return (
    <div class={`flow-page ${kind}`}>
      <section class="flow-stories" aria-label={say("flow.list")}>
        <h1>{say("flow.title")}</h1>
        <StorySearchForm watch={watch} />
        <StoryLinks watch={watch} chosenId={rest} />
      </section>
      <section class="flow-story">
        <a class="flow-back" href={toHash("flow")}>
          ← {say("flow.back")}
        </a>
        {failure !== undefined && <ErrorBox error={failure} />}
        {flow && (
          <StoryPane
            flow={flow}
            isNewest={rest === undefined}
            onLetter={(id) => {
              letter.value = id;
            }}
          />
        )}
      </section>
      <LetterDialog
        live={live}
        id={letter.value}
        onClose={() => {
          letter.value = undefined;
        }}
      />
    </div>
  );
}

type Story = { readonly flow?: FlowJson | undefined; readonly failure?: unknown };

function useStory({ api }: Live, watch: FlowWatch, id: string | undefined): Story {
  const alone = useSignal<Story & { readonly id?: string }>({});
  const stories = watch.stories.value ?? [];
  const listed = stories.find((flow) => id === undefined || `${flow.id}` === id);
  const isAlone = id !== undefined && !listed && watch.stories.value !== undefined;
  useEffect(() => {
    if (!isAlone) return undefined;
    return repeatWhileSeen(async (signal) => {
      try {
        const flow = await api.ask<FlowJson>(`flows/${encodeURIComponent(id)}`, { signal });
        alone.value = { id, flow };
        return flow.status === "running" ? ALONE_MS : ALONE_DONE_MS;
      } catch (failure) {
        if (!signal.aborted) alone.value = { id, failure };
        return ALONE_DONE_MS;
      }
    });
  }, [id, isAlone]);
  if (listed) return { flow: listed };
  return alone.value.id === id ? alone.value : {};
}
