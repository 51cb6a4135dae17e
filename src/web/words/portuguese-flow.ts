// Brazilian Portuguese words of the page "Fluxo".

import type { SameWords } from "./dictionary.ts";
import type { englishFlow } from "./english-flow.ts";

export const portugueseFlow: SameWords<typeof englishFlow> = {
  title: "Fluxo",
};
