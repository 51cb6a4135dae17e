// The page "Handlers", at #/handlers: how each fares, what could not be loaded, and what could not
// be handled.

import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Live } from "../live/live.ts";
import { ErrorBox } from "../shell/error-box.tsx";
import { say } from "../words/words.ts";
import { FirstHandler } from "./first-handler.tsx";
import { HandlerTable } from "./handler-table.tsx";
import { createHandlerWatch, type HandlerWatch } from "./handler-watch.ts";
import { LetterDialog } from "./letter-dialog.tsx";
import { LetterList } from "./letter-list.tsx";
import { LoadFailures } from "./load-failures.tsx";

export type HandlersPageProps = { readonly live: Live };

export function HandlersPage({ live }: HandlersPageProps) {
  const [watch] = useState(() => createHandlerWatch(live.api));
  useEffect(() => watch.follow(), []);
  const chosen = useSignal<number | undefined>(undefined);
  const letters = watch.letters.value;
  return (
    <div class="handlers-page">
      <h1>{say("handlers.title")}</h1>
      {watch.failure.value !== undefined && <ErrorBox error={watch.failure.value} />}
      <Loaded live={live} watch={watch} />
      {letters && (
        <LetterList
          live={live}
          letters={letters}
          onChange={watch.refresh}
          onOpen={(id) => {
            chosen.value = id;
          }}
        />
      )}
      {hasNoFile(watch) && <FirstHandler hasOthers />}
      <LetterDialog
        live={live}
        id={chosen.value}
        onClose={() => {
          chosen.value = undefined;
          watch.refresh();
        }}
      />
    </div>
  );
}

function Loaded({ live, watch }: { readonly live: Live; readonly watch: HandlerWatch }) {
  const loaded = watch.handlers.value;
  if (!loaded) {
    return watch.failure.value === undefined ? <p role="status">{say("flow.loading")}</p> : null;
  }
  const { handlers, failures } = loaded;
  return (
    <>
      <LoadFailures failures={failures} />
      {handlers.length > 0 && <HandlerTable live={live} handlers={handlers} />}
      {handlers.length + failures.length === 0 && <FirstHandler hasOthers={false} />}
    </>
  );
}

// Those that an app brings along have no file, nor have those that are built in.
function hasNoFile({ handlers }: HandlerWatch): boolean {
  const { handlers: all = [], failures = [] } = handlers.value ?? {};
  return all.length > 0 && failures.length === 0 && all.every(({ file }) => file === undefined);
}
