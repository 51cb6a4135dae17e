// The filters that take in a topic and what is beside it. Pure.

/** "a/b/c" → "a/b/c/#", "a/b/#", "a/#": each with all that is below it. */
export function toFiltersAbove(topic: string): readonly string[] {
  const levels = topic.split("/");
  return levels.map((_, at) => `${levels.slice(0, levels.length - at).join("/")}/#`);
}
