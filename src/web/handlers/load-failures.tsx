// Handler files that could not be loaded: where, what is wrong, what to do.

import type { LoadFailureJson } from "../live/handler-answers.ts";
import { say } from "../words/words.ts";

export type LoadFailuresProps = { readonly failures: readonly LoadFailureJson[] };

export function LoadFailures({ failures }: LoadFailuresProps) {
  if (failures.length === 0) return null;
  return (
    <section class="load-failures">
      <h2>{say("handlers.loadFailures", { count: failures.length })}</h2>
      <ul>
        {failures.map((failure) => (
          <li key={failure.file} class="failure">
            <strong>{toPlaceWords(failure)}</strong> {failure.detail}
            {failure.line_text !== undefined && <pre>{failure.line_text}</pre>}
            <span class="soft">{failure.hint}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

type Place = Pick<LoadFailureJson, "line" | "column"> & { readonly file?: string };

/** "echo.ts:15:3", as far as it is known. */
export function toPlaceWords({ file, line, column }: Place): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}
