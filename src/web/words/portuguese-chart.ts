// Brazilian Portuguese words of the page "Gráfico".

import type { SameWords } from "./dictionary.ts";
import type { englishChart } from "./english-chart.ts";

export const portugueseChart: SameWords<typeof englishChart> = {
  title: "Gráfico",
};
