// Brazilian Portuguese words of the page "Mensagens retidas".

import type { SameWords } from "./dictionary.ts";
import type { englishRetained } from "./english-retained.ts";

export const portugueseRetained: SameWords<typeof englishRetained> = {
  title: "Mensagens retidas",
};
