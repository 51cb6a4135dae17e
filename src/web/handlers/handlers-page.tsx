// The page "Handlers", at #/handlers.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

export type HandlersPageProps = { readonly live: Live };

export function HandlersPage(_props: HandlersPageProps) {
  return <h1>{say("handlers.title")}</h1>;
}
