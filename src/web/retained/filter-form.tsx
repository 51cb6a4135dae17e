// The filter of the page "Retained", and what is done with all that it matches.

import { useEffect, useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { SEARCH_FIELD } from "../shell/keyboard.ts";
import { goTo } from "../shell/route.ts";
import { say } from "../words/words.ts";
import type { Deletion } from "./deletion.ts";
import type { RetainedList } from "./retained-list.ts";
import { toRetainedPath } from "./retained-shapes.ts";

export type FilterFormProps = {
  readonly live: Live;
  readonly list: RetainedList;
  readonly deletion: Deletion;
  /** That of the address; undefined when nothing is asked for yet. */
  readonly filter: string | undefined;
  readonly mayDelete: boolean;
};

export function FilterForm({ live, list, deletion, filter, mayDelete }: FilterFormProps) {
  const [text, setText] = useState(filter ?? "");
  useEffect(() => setText(filter ?? ""), [filter]);
  const state = list.state.value;
  const hasSome = state.kind === "shown" && state.messages.length > 0;
  // What is typed and not yet shown is not what would be deleted.
  const isShown = text === filter;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = text === "" ? "#" : text;
    // The same once more: it is read anew.
    if (wanted === filter) void list.refresh();
    else goTo("retained", wanted);
  };
  return (
    <form class="retained-form" onSubmit={submit}>
      <input
        type="text"
        value={text}
        placeholder="rooms/#"
        spellcheck={false}
        autocapitalize="off"
        aria-label={say("retained.filter")}
        onInput={(event) => setText(event.currentTarget.value)}
        {...SEARCH_FIELD}
      />
      <button type="submit" class="primary" disabled={list.isReading.value}>
        {isShown && state.kind !== "idle" ? say("retained.refresh") : say("retained.show")}
      </button>
      {hasSome && isShown && (
        <a
          class="button"
          download="retained.ndjson"
          href={live.api.toUrl(toRetainedPath(state.filter, { format: "ndjson" })).href}
        >
          {say("retained.export")}
        </a>
      )}
      {hasSome && isShown && mayDelete && (
        <button type="button" class="danger" onClick={() => void deletion.ask(state.filter)}>
          {say("retained.deleteAll")}
        </button>
      )}
    </form>
  );
}
