// Which topic goes when there are too many: the clock algorithm's choice. Going round, the hand
// takes the first topic that was silent since the last time. Exact order of use would cost every
// message a removal and an insertion, and a fifth of the whole bridge's time. Used by
// last-values.ts; it keeps names and no values.

export type TopicCircle = {
  add(topic: string): void;
  /** Removes the topic that may go, and gives it; never the spared one, which must not be alone. */
  take(spared?: string): string;
  readonly size: number;
};

/** `isSilent` says whether a topic had no message since it was asked of it before. */
export function createTopicCircle(isSilent: (topic: string) => boolean): TopicCircle {
  const topics: string[] = [];
  let hand = 0;

  function removeAt(at: number): void {
    const last = topics.pop();
    // The newest takes the place, and the hand has just left it: it has a whole round.
    if (at < topics.length && last !== undefined) topics[at] = last;
  }
  return {
    add: (topic) => void topics.push(topic),
    take(spared) {
      for (;;) {
        const at = hand % topics.length;
        const topic = topics[at] ?? "";
        hand = at + 1;
        if (topic === spared || !isSilent(topic)) continue;
        removeAt(at);
        return topic;
      }
    },
    get size() {
      return topics.length;
    },
  };
}
