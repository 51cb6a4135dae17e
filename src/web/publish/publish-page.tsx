// The page "Publish", at #/publish and #/publish/<topic>: writes a message, sends it, or asks and
// shows the reply.

import { useEffect, useMemo } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";
import { OutcomePart } from "./outcome-part.tsx";
import { PayloadPart } from "./payload-input.tsx";
import { PropertiesPart } from "./properties-part.tsx";
import { createPublishModel } from "./publish-model.ts";
import { RepeatPart } from "./repeat-part.tsx";
import { SavedPart } from "./saved-part.tsx";
import { SendingPart } from "./sending-part.tsx";
import { TopicPart } from "./topic-part.tsx";

export type PublishPageProps = { readonly live: Live };

export function PublishPage({ live }: PublishPageProps) {
  const model = useMemo(() => createPublishModel(live), [live]);
  useEffect(() => model.open(), [model]);
  const access = live.access.state.value;
  if (access.kind === "granted" && !live.access.may("publish")) {
    return (
      <>
        <h1>{say("publish.title")}</h1>
        <p class="failure">
          <strong>{say("errors.scope_missing")}</strong> {say("publish.mayNot")}
        </p>
      </>
    );
  }
  const send = () => {
    if (!model.send()) findFirstProblem();
  };
  return (
    <form
      class="publish-page"
      aria-label={say("publish.title")}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        // In a text of several lines Enter begins the next one.
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
      }}
    >
      <h1>{say("publish.title")}</h1>
      <div class="publish-main">
        <TopicPart live={live} model={model} />
        <PayloadPart model={model} />
      </div>
      <div class="publish-side">
        <SendingPart model={model} />
        <OutcomePart model={model} />
        <PropertiesPart model={model} />
        <RepeatPart model={model} />
        <SavedPart />
      </div>
    </form>
  );
}

// After it is shown what is wrong.
function findFirstProblem(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(".publish-page [aria-invalid=true]")?.focus();
  });
}
