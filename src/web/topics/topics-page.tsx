// The page "Topics", at #/topics and #/topics/<topic>.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

export type TopicsPageProps = { readonly live: Live };

export function TopicsPage(_props: TopicsPageProps) {
  return <h1>{say("topics.title")}</h1>;
}
