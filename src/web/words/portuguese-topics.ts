// Brazilian Portuguese words of the page "Tópicos".

import type { SameWords } from "./dictionary.ts";
import type { englishTopics } from "./english-topics.ts";

export const portugueseTopics: SameWords<typeof englishTopics> = {
  title: "Tópicos",
};
