// What stories are looked for, and whether new ones are shown.

import { SEARCH_FIELD } from "../shell/keyboard.ts";
import { say } from "../words/words.ts";
import type { FlowWatch } from "./flow-watch.ts";
import { STORY_KINDS, type StoryKind } from "./story-list.ts";

export type StorySearchFormProps = { readonly watch: FlowWatch };

const KIND_WORDS = {
  all: "flow.kindAll",
  running: "flow.kindRunning",
  failed: "flow.kindFailed",
} as const satisfies Record<StoryKind, string>;

export function StorySearchForm({ watch }: StorySearchFormProps) {
  const { typed, kind, isPaused } = watch;
  return (
    <search>
      <form class="flow-search" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>{say("flow.search")}</span>
          <input
            {...SEARCH_FIELD}
            type="search"
            autocomplete="off"
            spellcheck={false}
            value={typed.value}
            onInput={({ currentTarget }) => {
              typed.value = currentTarget.value;
            }}
          />
        </label>
        <label>
          <span>{say("flow.kind")}</span>
          <select
            value={kind.value}
            onChange={({ currentTarget }) => {
              kind.value = currentTarget.value as StoryKind;
            }}
          >
            {STORY_KINDS.map((one) => (
              <option key={one} value={one}>
                {say(KIND_WORDS[one])}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          aria-pressed={isPaused.value}
          onClick={() => {
            isPaused.value = !isPaused.value;
          }}
        >
          {say(isPaused.value ? "flow.resume" : "flow.pause")}
        </button>
      </form>
    </search>
  );
}
