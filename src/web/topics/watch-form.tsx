// Which filter is watched. At a broker of somebody else the page begins with none, since the bridge
// would have to subscribe there; at the embedded one it is only shown when it is not everything.

import { useEffect, useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

export type WatchFormProps = { readonly live: Live };

const EVERYTHING = "#";

export function WatchForm({ live }: WatchFormProps) {
  const access = live.access.state.value;
  const watched = live.filter.value;
  const [filter, setFilter] = useState(watched ?? "");
  useEffect(() => setFilter(watched ?? ""), [watched]);
  if (access.kind !== "granted") return null;
  if (access.home.broker === "embedded" && (watched ?? EVERYTHING) === EVERYTHING) return null;
  const submit = (event: Event) => {
    event.preventDefault();
    if (filter.trim() !== "") live.watch(filter.trim());
  };
  return (
    <form class="watch-form" onSubmit={submit}>
      <label for="watched-filter">{say("topics.watched")}</label>
      <input
        id="watched-filter"
        required
        autocomplete="off"
        spellcheck={false}
        placeholder={say("topics.watchExample")}
        value={filter}
        onInput={({ currentTarget }) => setFilter(currentTarget.value)}
      />
      <button class="primary" type="submit" disabled={filter.trim() === (watched ?? "")}>
        {say("topics.watch")}
      </button>
      {isWide(filter) && access.home.broker === "external" && (
        <p class="warm">{say("topics.watchWarning")}</p>
      )}
    </form>
  );
}

/** Whether it takes all that there is, whoever sends it. */
function isWide(filter: string): boolean {
  return /^(\+\/)*#$/.test(filter.trim());
}
