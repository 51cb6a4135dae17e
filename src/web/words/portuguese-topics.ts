// Brazilian Portuguese words of the page "Tópicos".

import type { SameWords } from "./dictionary.ts";
import type { englishTopics } from "./english-topics.ts";

export const portugueseTopics: SameWords<typeof englishTopics> = {
  title: "Tópicos",
  back: "Voltar aos tópicos",
  search: "Buscar nos tópicos",
  searchExample: "Filtro MQTT (salas/+/#) ou texto",
  searchWords: "Um filtro com + ou #, ou texto: busca em tópicos, payloads e user properties.",
  foundByFilter: {
    one: "{count} tópico corresponde ao filtro.",
    other: "{count} tópicos correspondem ao filtro.",
  },
  foundByText: {
    one: "{count} tópico tem isso no nome, último payload (2.048 caracteres) ou user properties.",
    other:
      "{count} tópicos têm isso no nome, último payload (2.048 caracteres) ou user properties.",
  },
  nothingFound: "Nada do que está guardado aqui tem “{text}”.",
  clearSearch: "Limpar a busca",
  openAll: "Abrir tudo",
  closeAll: "Fechar tudo",
  emptyLevel: "(nível vazio)",
  empty: "(vazio)",
  binary: "binário, {size}",
  below: { one: "{count} tópico abaixo", other: "{count} tópicos abaixo" },
  handler: "handler",
  handled: "Tratado por {name}, em {topic}",
  typed: "Tratado por {name}, em {topic}: {type}",
  kept: {
    one: "{count} tópico guardado, de no máximo {most}",
    other: "{count} tópicos guardados, de no máximo {most}",
  },
  perSecond: "{rate} mensagens/s",
  replaced: "{amount} substituídas por mais novas",
  replacedWhy: "Contadas, mas só a mais nova de cada tópico foi enviada: a ponte poupou a página.",
  missed: "{amount} perdidas",
  missedWhy: "Vieram mais rápido do que a página consegue receber. Um filtro mais estreito ajuda.",
  gone: {
    one: "{count} tópico há muito em silêncio deu lugar a outros",
    other: "{count} tópicos há muito em silêncio deram lugar a outros",
  },
  nothingSkipped: "nada foi pulado",
  watched: "Filtro observado",
  watch: "Observar",
  watchExample: "como salas/+/temperatura",
  watchWarning:
    "Isto é tudo o que todos enviam: muito num broker movimentado. Prefira um mais estreito.",
  silent: "Nada chegou ainda",
  done: "pronto",
  waiting: "esperando",
  wrong: "errado",
  bridgeReached: "A ponte responde.",
  tokenGood: "Você pode ler aqui.",
  watching: "A página observa {filter}.",
  watchFirst: "Digite um filtro acima, como salas/#.",
  brokerConnected: "A ponte está conectada ao broker.",
  nothingPublished: "Alguém publica.",
  tryLine: "Ninguém publicou desde que esta página foi aberta. Tente de um terminal:",
  tryLater: "Primeiro resolva os pontos acima.",
  publishLine: "uma linha que publica",
};
