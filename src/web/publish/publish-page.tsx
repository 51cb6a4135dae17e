// The page "Publish", at #/publish.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

export type PublishPageProps = { readonly live: Live };

export function PublishPage(_props: PublishPageProps) {
  return <h1>{say("publish.title")}</h1>;
}
