// Whether a topic matches a filter, as the specification says it (MQTT 5 section 4.7), with no care
// for speed: what quick ways are compared with.

export function matchesFilter(filter: string, topic: string): boolean {
  // [MQTT-4.7.2-1]
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  const filterLevels = filter.split("/");
  const topicLevels = topic.split("/");
  for (const [at, level] of filterLevels.entries()) {
    if (level === "#") return true; // Also for the level above it (section 4.7.1.2).
    if (at >= topicLevels.length) return false;
    if (level !== "+" && level !== topicLevels[at]) return false;
  }
  return filterLevels.length === topicLevels.length;
}
