// A topic as the bridge's routes take it, whatever signs it has. Pure.

/** As the end of a path: its slashes stay, as they are levels. */
export function toTopicPath(topic: string): string {
  return topic.split("/").map(encodeURIComponent).join("/");
}

/**
 * As a filter. Braces would be parameters of a pattern there: such a level becomes `+`, and may
 * find other topics as well.
 */
export function toTopicFilter(topic: string): string {
  const levels = topic.split("/").map((level) => (/[{}]/.test(level) ? "+" : level));
  return levels.join("/");
}
