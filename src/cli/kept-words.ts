// What is still there after a stop, in the words of the banner: what a person must know before
// trusting the bridge with a message. Decides nothing: the stores do.

import type { Settings } from "../config/read.ts";
import { IN_MEMORY } from "../store/database-file.ts";

const OF_CLIENTS = "sessions, retained and queued messages, wills";

export function describeKept({ data, brokers, durability, history }: Settings): string {
  const isEmbedded = brokers.length === 0;
  const own = history === "on" ? "dead letters, history" : "dead letters";
  const things = isEmbedded ? `${OF_CLIENTS}, ${own}` : own;
  if (data === IN_MEMORY) return `nothing: ${things} are forgotten when it stops (--data)`;
  const isLate = isEmbedded && durability === "off";
  const late = isLate ? "; what came just before a crash is lost (--durability off)" : "";
  return `${things}, in ${data}${late}`;
}
