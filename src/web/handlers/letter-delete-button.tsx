// Deletes a dead letter, for good: at the second press, since there is no way back.

import { useState } from "preact/hooks";
import { say } from "../words/words.ts";

export type LetterDeleteButtonProps = {
  readonly isDisabled?: boolean;
  readonly onDelete: () => void;
};

export function LetterDeleteButton({ isDisabled = false, onDelete }: LetterDeleteButtonProps) {
  const [isSure, setSure] = useState(false);
  const press = () => {
    if (isSure) onDelete();
    setSure(!isSure);
  };
  return (
    <button
      type="button"
      class={isSure ? "letter-sure" : ""}
      disabled={isDisabled}
      onClick={press}
      onBlur={() => setSure(false)}
    >
      {say(isSure ? "handlers.deleteSure" : "handlers.delete")}
    </button>
  );
}
