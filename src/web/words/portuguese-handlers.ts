// Brazilian Portuguese words of the page "Handlers".

import type { SameWords } from "./dictionary.ts";
import type { englishHandlers } from "./english-handlers.ts";

export const portugueseHandlers: SameWords<typeof englishHandlers> = {
  title: "Handlers",
};
