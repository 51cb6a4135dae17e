// The field that searches the tree, what it searches, and the buttons that open and close all.

import { SEARCH_FIELD } from "../shell/keyboard.ts";
import { say } from "../words/words.ts";
import { parseSearch } from "./topic-search.ts";
import type { TreeState } from "./tree-state.ts";

export type SearchLineProps = { readonly state: TreeState };

export function SearchLine({ state }: SearchLineProps) {
  const { search, openAll } = state;
  return (
    <div class={search.value === "" ? "search-line idle" : "search-line"}>
      <input
        {...SEARCH_FIELD}
        type="search"
        aria-label={say("topics.search")}
        aria-describedby="search-words"
        placeholder={say("topics.searchExample")}
        autocomplete="off"
        spellcheck={false}
        value={search.value}
        onInput={({ currentTarget }) => {
          search.value = currentTarget.value;
        }}
        onKeyDown={(event) => followSearchKey(event, state)}
      />
      <button type="button" onClick={() => openAll(true)}>
        {say("topics.openAll")}
      </button>
      <button type="button" onClick={() => openAll(false)}>
        {say("topics.closeAll")}
      </button>
      <p id="search-words" class="soft" role="status">
        {tellSearch(state)}
      </p>
    </div>
  );
}

// Escape forgets the search, and the arrow goes down into what was found.
function followSearchKey(event: KeyboardEvent, { search, cursor, shown }: TreeState): void {
  if (event.key === "Escape") search.value = "";
  if (event.key !== "ArrowDown" && event.key !== "Enter") return;
  event.preventDefault();
  cursor.value = shown.peek().rows[0]?.node;
  document.querySelector<HTMLElement>(".topic-list")?.focus();
}

function tellSearch({ search, shown }: TreeState): string {
  const { kind } = parseSearch(search.value);
  const facts = { count: shown.value.found };
  switch (kind) {
    case "all":
      return say("topics.searchWords");
    case "filter":
      return say("topics.foundByFilter", facts);
    case "text":
      return say("topics.foundByText", facts);
    default:
      return kind satisfies never;
  }
}
