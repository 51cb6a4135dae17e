// The page "Retained messages", at #/retained.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

export type RetainedPageProps = { readonly live: Live };

export function RetainedPage(_props: RetainedPageProps) {
  return <h1>{say("retained.title")}</h1>;
}
