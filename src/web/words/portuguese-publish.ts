// Brazilian Portuguese words of the page "Publicar".

import type { SameWords } from "./dictionary.ts";
import type { englishPublish } from "./english-publish.ts";

export const portuguesePublish: SameWords<typeof englishPublish> = {
  title: "Publicar",
};
