// The page "Retained", at #/retained, or #/retained/<filter>: what the broker retains, with the way
// to delete it, and back. At a broker of somebody else nothing is read before it is asked for.

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { CopyLine } from "../parts/copy-line.tsx";
import { ErrorBox } from "../shell/error-box.tsx";
import { showError } from "../shell/notices.tsx";
import { route } from "../shell/route.ts";
import { say } from "../words/words.ts";
import { CompletenessWords } from "./completeness-words.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { createDeletion } from "./deletion.ts";
import { FilterForm } from "./filter-form.tsx";
import { RetainedDialog } from "./retained-dialog.tsx";
import { createRetainedList, type ListState, type RetainedList } from "./retained-list.ts";
import { RetainedRows } from "./retained-rows.tsx";
import { UndoList } from "./undo-list.tsx";

export type RetainedPageProps = { readonly live: Live };

const ALL = "#";

export function RetainedPage({ live }: RetainedPageProps) {
  const list = useMemo(() => createRetainedList(live.api), [live]);
  const deletion = useMemo(() => createDeletion(live.api, list.refresh), [live, list]);
  const [shown, show] = useState<string | undefined>(undefined);
  const access = live.access.state.value;
  const isEmbedded = access.kind === "granted" && access.home.broker === "embedded";
  const filter = route.value.rest || (isEmbedded ? ALL : undefined);
  useEffect(() => {
    if (access.kind === "granted" && filter !== undefined) void list.read(filter);
  }, [list, access.kind, filter]);
  const mayDelete = live.access.may("admin");
  const state = list.state.value;
  const nowMs = live.now.value;
  return (
    <div class="retained-page">
      <h1>{say("retained.title")}</h1>
      <p class="soft">
        {say("retained.words")}
        {access.kind === "granted" && !mayDelete && ` ${say("retained.adminOnly")}`}
      </p>
      <FilterForm {...{ live, list, deletion, filter, mayDelete }} />
      <UndoList deletion={deletion} />
      {filter === undefined && access.kind === "granted" && <p>{say("retained.askFirst")}</p>}
      {list.isReading.value && state.kind !== "shown" && (
        <p role="status">{say("retained.loading")}</p>
      )}
      {state.kind === "failed" && <ErrorBox error={state.error} />}
      {state.kind === "shown" && (
        <Shown {...{ live, list, state, nowMs, mayDelete }} onShow={show} onDelete={deletion.ask} />
      )}
      <RetainedDialog live={live} topic={shown} onClose={() => show(undefined)} />
      <DeleteDialog deletion={deletion} toUrl={live.api.toUrl} />
    </div>
  );
}

type ShownProps = {
  readonly list: RetainedList;
  readonly state: Extract<ListState, { readonly kind: "shown" }>;
  readonly nowMs: number;
  readonly mayDelete: boolean;
  readonly onShow: (topic: string) => void;
  readonly onDelete: (topic: string) => Promise<void>;
};

function Shown({ list, state, nowMs, mayDelete, onShow, onDelete }: ShownProps) {
  const { messages, page, filter } = state;
  const readMore = useCallback(() => void list.more().catch(showError), [list]);
  const { total, next } = page;
  const shown = messages.length;
  if (shown === 0) return <Nothing filter={filter} page={page} />;
  const isFull = next !== undefined && list.isFull.value;
  return (
    <>
      <CompletenessWords page={page} />
      <p class="soft" role="status">
        {say("retained.shown", { count: total })}
        {next !== undefined && !isFull && `, ${say("retained.shownOf", { shown })}`}
        {isFull && `. ${say("retained.tooMany", { shown, total })}`}
      </p>
      <RetainedRows
        {...{ messages, total, nowMs, mayDelete, onShow }}
        onDelete={onDelete}
        onEnd={readMore}
      />
    </>
  );
}

function Nothing({ filter, page }: Pick<ListState & { kind: "shown" }, "filter" | "page">) {
  return (
    <div>
      <p>{say("retained.nothing", { filter })}</p>
      <CompletenessWords page={page} />
      <p>{say("retained.nothingHint")}</p>
      <CopyLine text={toExample()} label="curl" />
    </div>
  );
}

function toExample(): string {
  const url = new URL("topics/rooms/1/temperature?retain=true", document.baseURI);
  return `curl -X PUT '${url.href}' -d 21.5`;
}
