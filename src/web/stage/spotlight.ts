// Which topics stand in the light: those that an MQTT filter matches, or, without wildcards, those
// that have the text in them. Used by the stage. Pure.

/** No text lights everything. */
export function isLit(spotlight: string, topic: string): boolean {
  const text = spotlight.trim();
  if (text === "") return true;
  if (isFilter(text)) return matchFilter(text, topic);
  return topic.toLowerCase().includes(text.toLowerCase());
}

/** MQTT 5, section 4.7. */
export function matchFilter(filter: string, topic: string): boolean {
  const levels = filter.split("/");
  // [MQTT-4.7.2-1] a wildcard at the start matches no topic that begins with $.
  if (topic.startsWith("$") && isWildcard(levels[0])) return false;
  const parts = topic.split("/");
  for (const [at, level] of levels.entries()) {
    if (level === "#") return true;
    const part = parts[at];
    if (part === undefined || (level !== "+" && level !== part)) return false;
  }
  return parts.length === levels.length;
}

function isFilter(text: string): boolean {
  return text.split("/").some(isWildcard);
}

function isWildcard(level: string | undefined): boolean {
  return level === "+" || level === "#";
}
