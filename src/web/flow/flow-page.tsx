// The page "Flow", at #/flow.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

export type FlowPageProps = { readonly live: Live };

export function FlowPage(_props: FlowPageProps) {
  return <h1>{say("flow.title")}</h1>;
}
