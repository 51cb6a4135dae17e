// The way of a deletion: count, ask, keep a copy, delete, and the way back. Its state is shown by
// delete-dialog.tsx; nothing is deleted before `confirm`.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../live/api.ts";
import { showError, showNotice } from "../shell/notices.tsx";
import { say } from "../words/words.ts";
import { dropPresent, readLines, restoreLines } from "./kept-lines.ts";
import { type DeletedJson, type RestoredJson, toRetainedPath } from "./retained-shapes.ts";
import { addUndo, keepLines, UNDO_LENGTH_MAX, type Undo, undos } from "./undo-store.ts";

export type DeletionState =
  | { readonly kind: "idle" }
  | { readonly kind: "counting" | "deleting"; readonly filter: string }
  | {
      readonly kind: "asking";
      readonly filter: string;
      readonly count: DeletedJson;
      /** It can not be undone here. */
      readonly isTooLarge: boolean;
    };

export type Deletion = {
  readonly state: ReadonlySignal<DeletionState>;
  /** Counts what a filter would delete, and asks. */
  readonly ask: (filter: string) => Promise<void>;
  readonly cancel: () => void;
  readonly confirm: () => Promise<void>;
  readonly undo: (undo: Undo) => Promise<void>;
  /** The key of the one that is being put back. */
  readonly restoring: ReadonlySignal<number | undefined>;
};

type Asking = Pick<Api, "ask" | "fetch">;

/** `onChange` hears that other messages are retained now. */
export function createDeletion(api: Asking, onChange: () => Promise<void>): Deletion {
  const state = signal<DeletionState>({ kind: "idle" });
  const restoring = signal<number | undefined>(undefined);
  const cancel = () => {
    state.value = { kind: "idle" };
  };
  const undo = async (one: Undo) => {
    if (restoring.peek() !== undefined) return;
    restoring.value = one.key;
    await restore(api, one).catch(showError);
    restoring.value = undefined;
    await onChange();
  };
  const ask = async (filter: string) => {
    const counting = { kind: "counting", filter } as const;
    state.value = counting;
    try {
      const path = toRetainedPath(filter, { dry_run: "true" });
      const count = await api.ask<DeletedJson>(path, { method: "DELETE" });
      // Whoever has closed the dialog meanwhile is not asked.
      if (state.peek() !== counting) return;
      state.value = { kind: "asking", filter, count, isTooLarge: false };
    } catch (error) {
      cancel();
      showError(error);
    }
  };
  const confirm = async () => {
    const asked = state.peek();
    if (asked.kind !== "asking") return;
    const { filter, isTooLarge } = asked;
    state.value = { kind: "deleting", filter };
    try {
      // Now, and not when it was counted: what has come since is to come back as well.
      const lines = isTooLarge ? [] : await readLines(api, filter, UNDO_LENGTH_MAX);
      if (lines === undefined) {
        state.value = { ...asked, isTooLarge: true };
        return;
      }
      await carryOut(api, filter, lines, undo);
    } catch (error) {
      showError(error);
    }
    cancel();
    await onChange();
  };
  return { state, restoring, ask, cancel, confirm, undo };
}

async function carryOut(
  api: Asking,
  filter: string,
  lines: readonly string[],
  undo: (one: Undo) => Promise<void>,
): Promise<void> {
  const { answer, deleted } = await deleteAll(api, filter).catch((error: unknown) => {
    // Some may be gone. Those that are there stay as they are when the others are put back.
    if (lines.length > 0) addUndo(filter, lines, Date.now());
    throw error;
  });
  tellRefusals(answer);
  const isAll = deleted === lines.length || lines.length === 0;
  const gone = isAll ? lines : await dropPresent(api, filter, lines);
  if (deleted === 0) return;
  const words = say("retained.deleted", { count: deleted });
  if (gone.length === 0) return showNotice(words);
  const kept = addUndo(filter, gone, Date.now());
  showNotice(words, "good", { words: say("retained.undo"), run: () => void undo(kept) });
}

/** Until nothing is left that can be deleted: one request has a limit. */
async function deleteAll(api: Asking, filter: string) {
  let deleted = 0;
  let answer: DeletedJson;
  do {
    answer = await api.ask<DeletedJson>(toRetainedPath(filter), { method: "DELETE" });
    deleted += answer.deleted;
  } while (answer.left > 0 && answer.deleted > 0);
  return { answer, deleted };
}

function tellRefusals({ refused, refusals, left }: DeletedJson): void {
  const reason = refusals.map(({ message }) => message).join("; ");
  if (refused > 0) showNotice(say("retained.refusedSome", { refused, reason }), "bad");
  if (left > 0) showNotice(say("retained.deletedLeft", { left }), "bad");
}

async function restore(api: Asking, undo: Undo): Promise<void> {
  // The notice may have outlived what it offers.
  const current = undos.peek().find(({ key }) => key === undo.key);
  if (!current) return;
  const { sum, remaining } = await restoreLines(api, current.lines);
  keepLines(undo.key, remaining);
  tellRestored(sum);
}

function tellRestored({ restored, kept, refused, refusals }: RestoredJson): void {
  const words = [say("retained.restored", { count: restored })];
  if (kept > 0) words.push(say("retained.restoredKept", { kept }));
  showNotice(words.join(" "));
  const reason = [...new Set(refusals.map(({ message }) => message))].join("; ");
  if (refused > 0) showNotice(say("retained.restoredRefused", { refused, reason }), "bad");
}
