// Brazilian Portuguese words of the chart of numbers.

import type { SameWords } from "./dictionary.ts";
import type { englishChart } from "./english-chart.ts";

export const portugueseChart: SameWords<typeof englishChart> = {
  title: "Gráfico",
  label: { one: "{count} número ao longo do tempo", other: "{count} números ao longo do tempo" },
  value: "o conteúdo",
  remove: "Tirar {name} do gráfico",
  clear: "Fechar o gráfico",
  zoom: "Arraste sobre um trecho para vê-lo sozinho; clique duas vezes para ver tudo.",
  time: "Hora",
  latest: "último",
  lowest: "menor",
  highest: "maior",
  series: "Número",
  table: "Como tabela",
  tableHint: { one: "O valor mais novo", other: "Os {count} valores mais novos" },
  none: "Nenhuma das mensagens tem este número.",
};
