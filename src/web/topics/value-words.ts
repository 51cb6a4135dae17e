// The last value of a topic in one line of the tree: a piece of text, never the whole. Pure.

import type { LastMessage } from "../live/topic-tree.ts";
import { showMarks } from "../parts/visible-marks.ts";
import { formatBytes } from "../words/quantities.ts";
import { say } from "../words/words.ts";

const CHARACTERS_MAX = 160;

export function toValueWords({ payload, payload_encoding, payload_bytes }: LastMessage): string {
  if (payload_bytes === 0) return say("topics.empty");
  if (payload_encoding === "base64") {
    return say("topics.binary", { size: formatBytes(payload_bytes) });
  }
  return showMarks(payload.slice(0, CHARACTERS_MAX).replaceAll(/\s+/g, " "));
}
