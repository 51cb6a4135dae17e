// The page "Stage", at #/stage.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

export type StagePageProps = { readonly live: Live };

export function StagePage(_props: StagePageProps) {
  return <h1>{say("stage.title")}</h1>;
}
