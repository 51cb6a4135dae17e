// Which topics stand in the light: those that an MQTT filter matches, or, without wildcards, those
// that have the text in them. Used by the stage. Pure.

import { covers } from "../../topics/filter-relations.ts";

/** No text lights everything. */
export function isLit(spotlight: string, topic: string): boolean {
  const text = spotlight.trim();
  if (text === "") return true;
  if (isFilter(text)) return matchFilter(text, topic);
  return topic.toLowerCase().includes(text.toLowerCase());
}

/** MQTT 5, section 4.7. */
export function matchFilter(filter: string, topic: string): boolean {
  // [MQTT-4.7.2-1] a wildcard at the start matches no topic that begins with $.
  return filter.startsWith("$") === topic.startsWith("$") && covers(filter, topic);
}

function isFilter(text: string): boolean {
  return text.split("/").some((level) => level === "+" || level === "#");
}
