// Brazilian Portuguese words for what goes wrong.

import type { SameWords } from "./dictionary.ts";
import type { englishErrors } from "./english-errors.ts";
import { portugueseLinkErrors } from "./portuguese-link-errors.ts";
import { portugueseSendingErrors } from "./portuguese-sending-errors.ts";

export const portugueseErrors: SameWords<typeof englishErrors> = {
  ...portugueseSendingErrors,
  ...portugueseLinkErrors,
  bridge_unreachable: "A ponte não responde.",
  bridge_unreachable_hint: "Ela ainda está rodando, e esta máquina ainda está na rede dela?",
  token_missing: "Esta ponte pede um token.",
  token_missing_hint: "Digite o token que apareceu onde a ponte foi iniciada.",
  token_wrong: "Este token não é conhecido aqui.",
  token_wrong_hint: "Copie de novo; ele pode ter mudado.",
  tokens_guessed: "Vieram tokens errados demais deste endereço.",
  tokens_guessed_hint: "Espere um pouco e digite o certo.",
  scope_missing: "Este token não pode fazer isso.",
  scope_missing_hint: "Peça um token com mais direitos (read, publish, admin).",
  topic_forbidden: "Este token não pode fazer isso com este tópico.",
  topic_forbidden_hint: "Observe um filtro mais estreito, ou peça um token com mais direitos.",
  subscribe_refused: "O broker recusa a assinatura.",
  subscribe_refused_hint: "Observe um filtro mais estreito, ou dê mais direitos ao login da ponte.",
  filter_invalid: "Isto não é um filtro MQTT.",
  filter_invalid_hint: "+ vale por um nível, # no fim por todos os que seguem.",
  flows_off: "Esta ponte não conta fluxos.",
  flows_off_hint: "Inicie com --flows-max 1000, que é o padrão.",
  flow_unknown: "Esta história não é mais guardada.",
  flow_unknown_hint: "Pode ser antiga demais, ou a mensagem veio rápido demais. Escolha outra.",
  flow_waiters_full: "Páginas demais esperam por fluxos.",
  flow_waiters_full_hint: "Feche outras abas, ou aumente --flow-waiters-max.",
  dead_letter_unknown: "Essa mensagem morta não existe mais.",
  dead_letter_unknown_hint: "Ela foi tratada de novo, ou apagada.",
  handler_unknown: "O handler dela não está mais carregado.",
  handler_unknown_hint: "Devolva o arquivo dele, ou apague a mensagem morta.",
  streams_full: "Há fluxos demais abertos na ponte.",
  streams_full_hint: "Feche outras abas, ou aumente --streams-max.",
  caller_streams_full: "Este endereço tem fluxos demais abertos.",
  caller_streams_full_hint: "Feche outras abas, ou aumente --streams-per-caller-max.",
  requests_too_many: "Pedidos demais em um segundo.",
  requests_too_many_hint: "Espere um momento.",
  unknown: "Algo deu errado.",
  unknown_hint: "Tente mais uma vez; o log da ponte pode dizer mais.",
};
