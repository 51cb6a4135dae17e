// What was deleted on this page and can be put back: the notice that offers it may be gone.

import { formatNumber, formatTime } from "../words/quantities.ts";
import { say } from "../words/words.ts";
import type { Deletion } from "./deletion.ts";
import { keepLines, undos } from "./undo-store.ts";

export type UndoListProps = { readonly deletion: Deletion };

export function UndoList({ deletion }: UndoListProps) {
  if (undos.value.length === 0) return null;
  const busy = deletion.restoring.value;
  return (
    <section class="undo-list">
      <h2>{say("retained.undoTitle")}</h2>
      <ul>
        {undos.value.map((undo) => {
          const number = formatNumber(undo.lines.length);
          const time = formatTime(undo.atMs);
          const words = say("retained.undoLine", { filter: undo.filter, number, time });
          return (
            <li key={undo.key}>
              <span>{words}</span>
              <button
                type="button"
                disabled={busy !== undefined}
                aria-label={`${say("retained.undo")}: ${words}`}
                onClick={() => void deletion.undo(undo)}
              >
                {busy === undo.key ? say("retained.restoring") : say("retained.undo")}
              </button>
              <button type="button" class="quiet" onClick={() => keepLines(undo.key, [])}>
                {say("retained.forget")}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
