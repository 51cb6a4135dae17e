// Says whether a list of retained messages is all that there is: MQTT has no word for its end.

import { say } from "../words/words.ts";
import type { RetainedPageJson } from "./retained-shapes.ts";

export type CompletenessWordsProps = {
  readonly page: Pick<RetainedPageJson, "completeness" | "reason">;
};

export function CompletenessWords({ page: { completeness, reason = "" } }: CompletenessWordsProps) {
  if (completeness === "complete") return null;
  if (completeness === "likely") return <p class="soft">{say("retained.likely")}</p>;
  return <p class="warm">{say("retained.cut", { reason })}</p>;
}
