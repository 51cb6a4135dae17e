// Asks before retained messages are deleted: how many there are, which some of them are, and
// whether it can be undone.

import { CopyLine } from "../parts/copy-line.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { formatBytes } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import { CompletenessWords } from "./completeness-words.tsx";
import type { Deletion, DeletionState } from "./deletion.ts";
import { toRetainedPath } from "./retained-shapes.ts";
import { UNDO_LENGTH_MAX } from "./undo-store.ts";

export type DeleteDialogProps = {
  readonly deletion: Deletion;
  /** Of a path of the bridge. */
  readonly toUrl: (path: string) => URL;
};

export function DeleteDialog({ deletion, toUrl }: DeleteDialogProps) {
  const state = deletion.state.value;
  return (
    <Dialog
      title={say("retained.deleteTitle")}
      isOpen={state.kind !== "idle"}
      onClose={() => {
        // What is under way can not be called back.
        if (deletion.state.peek().kind !== "deleting") deletion.cancel();
      }}
    >
      {(state.kind === "counting" || state.kind === "deleting") && (
        <p role="status">{say(`retained.${state.kind}`)}</p>
      )}
      {state.kind === "asking" && <Question {...{ state, deletion, toUrl }} />}
    </Dialog>
  );
}

type QuestionProps = DeleteDialogProps & {
  readonly state: Extract<DeletionState, { readonly kind: "asking" }>;
};

function Question({ state, deletion, toUrl }: QuestionProps) {
  const { filter, count, isTooLarge } = state;
  const { deletable, refused, refusals, examples } = count;
  const reason = refusals.map(({ message }) => message).join("; ");
  const words =
    deletable === 0
      ? say("retained.countNone", { filter })
      : say("retained.count", { count: deletable, filter });
  return (
    <>
      <p>
        <strong>{words}</strong>
      </p>
      {refused > 0 && <p class="warm">{say("retained.refusedSome", { refused, reason })}</p>}
      <CompletenessWords page={count} />
      {deletable > 0 && <Examples topics={examples} isAll={examples.length === deletable} />}
      {deletable > 0 && <p class="soft">{say("retained.subscribersWords")}</p>}
      {deletable > 0 && <UndoWords {...{ filter, isTooLarge, toUrl }} />}
      <p class="choices">
        <button type="button" onClick={deletion.cancel}>
          {say("retained.cancel")}
        </button>
        {deletable > 0 && (
          <button type="button" class="danger" onClick={deletion.confirm}>
            {isTooLarge ? say("retained.deleteAnyway") : say("retained.delete")}
          </button>
        )}
      </p>
    </>
  );
}

type ExamplesProps = { readonly topics: readonly string[]; readonly isAll: boolean };

function Examples({ topics, isAll }: ExamplesProps) {
  return (
    <>
      <p>{isAll ? say("retained.examples") : say("retained.examplesSome")}</p>
      <ul class="examples">
        {topics.map((topic) => (
          <li key={topic}>
            <code>
              <bdi>{topic}</bdi>
            </code>
          </li>
        ))}
      </ul>
    </>
  );
}

type UndoWordsProps = Pick<DeleteDialogProps, "toUrl"> & {
  readonly filter: string;
  readonly isTooLarge: boolean;
};

function UndoWords({ filter, isTooLarge, toUrl }: UndoWordsProps) {
  if (!isTooLarge) return <p class="soft">{say("retained.undoWords")}</p>;
  const url = toUrl(toRetainedPath(filter, { format: "ndjson" })).href;
  return (
    <>
      <p class="warm">{say("retained.tooLarge", { bytes: formatBytes(UNDO_LENGTH_MAX) })}</p>
      <CopyLine text={`curl '${url.replaceAll("'", "%27")}' -o retained.ndjson`} label="curl" />
    </>
  );
}
