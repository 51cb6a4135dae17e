// A box to tick, for what a draft is or is not. Used by the parts of the page to publish.

import { useId } from "preact/hooks";
import { changeDraft, draft } from "./publish-draft.ts";

type TickProps = {
  readonly field: "isCorrelationBase64" | "isRetained" | "isUtf8";
  readonly label: string;
};

export function Tick({ field, label }: TickProps) {
  const id = useId();
  return (
    <div class="tick-row">
      <input
        id={id}
        type="checkbox"
        checked={draft.value[field]}
        onChange={({ currentTarget }) => changeDraft({ [field]: currentTarget.checked })}
      />
      <label for={id}>{label}</label>
    </div>
  );
}
