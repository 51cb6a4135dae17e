// An error in the reader's words: what happened and what to do now, by the code of the catalogue.

import { ProblemError } from "../live/problem-error.ts";
import { say, sayIfKnown } from "../words/words.ts";

export type ErrorWords = { readonly detail: string; readonly hint: string };

export function toErrorWords(error: unknown): ErrorWords {
  if (!(error instanceof ProblemError)) {
    const words = error instanceof Error ? error.message : String(error);
    return { detail: `${say("errors.unknown")} ${words}`, hint: say("errors.unknown_hint") };
  }
  const { code, message, hint } = error;
  return {
    detail: sayIfKnown("errors", code) ?? message,
    hint: sayIfKnown("errors", `${code}_hint`) ?? hint,
  };
}
