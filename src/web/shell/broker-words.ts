// How a page calls the broker: an external one by its address, which the embedded one may not have.

import type { Live } from "../live/live.ts";
import { say } from "../words/words.ts";

/** `label` is the bridge's own, in English. */
export function toBrokerWords({ access }: Pick<Live, "access">, label: string): string {
  const state = access.state.value;
  const isEmbedded = state.kind === "granted" && state.home.broker === "embedded";
  return isEmbedded ? say("shell.embeddedBroker") : label;
}
