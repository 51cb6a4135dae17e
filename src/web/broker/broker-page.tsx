// The page "Broker", at #/broker.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

export type BrokerPageProps = { readonly live: Live };

export function BrokerPage(_props: BrokerPageProps) {
  return <h1>{say("broker.title")}</h1>;
}
