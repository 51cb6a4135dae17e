// Brazilian Portuguese words of the page "Palco".

import type { SameWords } from "./dictionary.ts";
import type { englishStage } from "./english-stage.ts";

export const portugueseStage: SameWords<typeof englishStage> = {
  title: "Palco",
};
