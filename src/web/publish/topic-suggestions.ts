// Which topics to suggest for what somebody has typed: those of handlers first, then those that
// were seen. Pure.

const SUGGESTIONS_MAX = 40;

export function listSuggestions(
  patterns: readonly string[],
  seen: Iterable<{ readonly topic: string }>,
  typed: string,
): readonly string[] {
  const wanted = typed.toLowerCase();
  const fits = (topic: string) => topic !== typed && topic.toLowerCase().includes(wanted);
  const found = new Set(patterns.filter(fits));
  for (const { topic } of seen) {
    if (found.size >= SUGGESTIONS_MAX) break;
    if (fits(topic)) found.add(topic);
  }
  return [...found].slice(0, SUGGESTIONS_MAX);
}
